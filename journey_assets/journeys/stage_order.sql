-- The order of events along the way of converters: by the median, over the converters who have the
-- event, of the relative position of its first occurrence, (step − 1) / (steps of the path − 1). A path
-- of one step has no way and gives no position. An event takes part when it has the minimum support
-- among all and enough converters to place it.
-- Reads: journey_steps, journey_paths, journey_comparisons; variables journeys_min_persons,
--        journeys_min_share, journeys_min_cohort_persons.
-- Leaves: journey_firsts (the first of each event of a path), journey_stage_order (places from 1; the
--         stage is still to be filled in).

CREATE OR REPLACE TEMP TABLE journey_firsts AS
SELECT as_of, cohort, path, event, min(step) AS step, min(happened_at) AS happened_at
FROM journey_steps
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE journey_stage_order AS
WITH populations AS (
    SELECT
        as_of,
        focus,
        count(*) AS population,
        count(*) FILTER (cohort = focus) AS converters
    FROM journey_paths
    JOIN journey_comparisons USING (as_of)
    GROUP BY ALL
),
supports AS (
    SELECT as_of, event, count(*) AS persons
    FROM journey_firsts
    GROUP BY ALL
),
positions AS (
    SELECT
        as_of,
        cohort AS focus,
        event,
        quantile_cont((step - 1) / (n_events - 1), 0.5) AS position,
        count(*) AS converters_with
    FROM journey_firsts
    JOIN journey_paths USING (as_of, cohort, path)
    WHERE n_events > 1
    GROUP BY ALL
)
SELECT
    as_of,
    focus,
    event,
    position,
    converters_with,
    converters,
    population - converters AS non_converters,
    row_number() OVER (PARTITION BY as_of, focus ORDER BY position, event) AS place,
    NULL::BIGINT AS stage
FROM positions
JOIN populations USING (as_of, focus)
JOIN supports USING (as_of, event)
WHERE converters >= getvariable('journeys_min_cohort_persons')
    AND converters_with >= getvariable('journeys_min_cohort_persons')
    AND persons >= least(
        getvariable('journeys_min_persons'),
        getvariable('journeys_min_share') * population
    );
