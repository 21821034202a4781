-- The variants beyond the limit are summed in one row. Codes of events are in the order of their names,
-- so ties by the codes are ties by the names.
-- Reads: journey_walks, journey_cohorts; variables journeys_variant_limit, journeys_event_names; needs
--        codes_of.

WITH variants AS (
    SELECT as_of, cohort, walk, count(*) AS persons
    FROM journey_walks
    GROUP BY ALL
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY as_of, cohort ORDER BY persons DESC, walk) AS position,
        least(position, getvariable('journeys_variant_limit') + 1) AS rank
    FROM variants
),
rows AS (
    SELECT
        as_of,
        cohort,
        rank,
        min(walk) FILTER (position <= getvariable('journeys_variant_limit')) AS walk,
        sum(persons)::BIGINT AS persons,
        count(*) AS variants
    FROM ranked
    GROUP BY ALL
),
medians AS (
    SELECT as_of, cohort, rank, quantile_cont(ms, 0.5) / 1000 AS median_seconds
    FROM journey_walks
    JOIN ranked USING (as_of, cohort, walk)
    GROUP BY ALL
)
SELECT
    as_of,
    cohort,
    rank,
    list_select(getvariable('journeys_event_names'), codes_of(walk)) AS path,
    rows.persons,
    rows.persons / cohorts.persons AS share,
    sum(rows.persons) OVER (PARTITION BY as_of, cohort ORDER BY rank) / cohorts.persons
        AS cumulative_share,
    wilson_low(rows.persons, cohorts.persons) AS share_low,
    wilson_high(rows.persons, cohorts.persons) AS share_high,
    variants,
    median_seconds,
    cohorts.persons AS cohort_persons
FROM rows
JOIN medians USING (as_of, cohort, rank)
JOIN journey_cohorts AS cohorts USING (as_of, cohort)
ORDER BY as_of, cohort, rank
