-- The variants beyond the limit are summed in one row.
-- Reads: journey_variants and journey_variant_ranks (ranks.py), journey_walks, journey_cohorts; variables
--        journeys_variant_limit, journeys_event_names; needs codes_of.

WITH ranked AS (
    SELECT as_of, cohort, rank, walk, persons, 1 AS variants
    FROM journey_variant_ranks
    UNION ALL BY NAME
    SELECT
        as_of,
        cohort,
        getvariable('journeys_variant_limit') + 1 AS rank,
        sum(persons)::BIGINT AS persons,
        count(*) AS variants
    FROM journey_variants
    ANTI JOIN journey_variant_ranks USING (as_of, cohort, walk)
    GROUP BY as_of, cohort
),
medians AS (
    SELECT
        as_of,
        cohort,
        coalesce(rank, getvariable('journeys_variant_limit') + 1) AS rank,
        quantile_cont(ms, 0.5) / 1000 AS median_seconds
    FROM journey_walks
    LEFT JOIN journey_variant_ranks USING (as_of, cohort, walk)
    GROUP BY ALL
)
SELECT
    as_of,
    cohort,
    rank,
    list_select(getvariable('journeys_event_names'), codes_of(walk)) AS path,
    ranked.persons,
    ranked.persons / cohorts.persons AS share,
    sum(ranked.persons) OVER (PARTITION BY as_of, cohort ORDER BY rank) / cohorts.persons
        AS cumulative_share,
    wilson_low(ranked.persons, cohorts.persons) AS share_low,
    wilson_high(ranked.persons, cohorts.persons) AS share_high,
    variants,
    median_seconds,
    cohorts.persons AS cohort_persons
FROM ranked
JOIN medians USING (as_of, cohort, rank)
JOIN journey_cohorts AS cohorts USING (as_of, cohort)
ORDER BY as_of, cohort, rank
