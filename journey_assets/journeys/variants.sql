-- The distinct collapsed paths of a cohort with how many persons walked each; those beyond the limit
-- are summed in one row. Codes of events are in the order of their names, so ties by the codes are
-- ties by the names.
-- Reads: journey_steps, journey_paths; variables journeys_variant_limit, journeys_event_names.

WITH walked AS (
    SELECT
        as_of,
        cohort,
        path,
        list(event ORDER BY step) AS events,
        epoch_ms(max(happened_at)) - epoch_ms(min(happened_at)) AS ms
    FROM journey_steps
    GROUP BY ALL
),
variants AS (
    SELECT
        as_of,
        cohort,
        list_filter(events, lambda e, i: i = 1 OR e <> events[i - 1]) AS collapsed,
        count(*) AS persons,
        list(ms) AS times
    FROM walked
    GROUP BY ALL
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY as_of, cohort ORDER BY persons DESC, collapsed) AS position,
        least(position, getvariable('journeys_variant_limit') + 1) AS rank
    FROM variants
),
rows AS (
    SELECT
        as_of,
        cohort,
        rank,
        min(collapsed) FILTER (position <= getvariable('journeys_variant_limit')) AS collapsed,
        sum(persons)::BIGINT AS persons,
        count(*) AS variants,
        list_aggregate(flatten(list(times)), 'quantile_cont', 0.5) / 1000 AS median_seconds
    FROM ranked
    GROUP BY ALL
),
cohorts AS (
    SELECT as_of, cohort, count(*) AS cohort_persons
    FROM journey_paths
    GROUP BY ALL
)
SELECT
    as_of,
    cohort,
    rank,
    list_select(getvariable('journeys_event_names'), collapsed) AS path,
    persons,
    persons / cohort_persons AS share,
    sum(persons) OVER (PARTITION BY as_of, cohort ORDER BY rank) / cohort_persons
        AS cumulative_share,
    wilson_low(persons, cohort_persons) AS share_low,
    wilson_high(persons, cohort_persons) AS share_high,
    variants,
    median_seconds,
    cohort_persons
FROM rows
JOIN cohorts USING (as_of, cohort)
ORDER BY as_of, cohort, rank
