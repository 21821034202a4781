-- A row per step of each funnel, in each cohort that enters it and in all together.
-- Reads: journey_funnel_steps, journey_funnels, journey_funnel_within, journey_funnel_times; needs the Wilson
--        macros and enough_in_cohort.

WITH counted AS (
    SELECT
        as_of,
        funnel,
        cohort,
        step,
        sum(persons)::BIGINT AS persons,
        coalesce(sum(persons) FILTER (open = 1), 0)::BIGINT AS still_open
    FROM (
        SELECT * REPLACE (cohort::VARCHAR AS cohort) FROM journey_funnel_steps
        UNION ALL
        SELECT * REPLACE ('all' AS cohort) FROM journey_funnel_steps
    )
    GROUP BY ALL
),
entered AS (
    SELECT as_of, funnel, cohort, persons AS entered FROM counted WHERE step = 1
),
steps AS (
    -- A step to which nobody comes is a step all the same.
    SELECT
        as_of,
        funnel,
        cohort,
        step,
        entered,
        coalesce(persons, 0) AS persons,
        coalesce(still_open, 0) AS still_open,
        journey_funnels.* EXCLUDE (funnel, step)
    FROM entered
    JOIN journey_funnels USING (funnel)
    LEFT JOIN counted USING (as_of, funnel, cohort, step)
),
gone AS (
    SELECT
        *,
        lag(persons) OVER in_order AS before,
        persons - lead(persons, 1, persons) OVER in_order AS dropped
    FROM steps
    WINDOW in_order AS (PARTITION BY as_of, funnel, cohort ORDER BY step)
)
SELECT
    as_of,
    name AS funnel,
    cohort,
    step,
    event,
    persons,
    persons / entered AS conversion,
    wilson_low(persons, entered) AS low,
    wilson_high(persons, entered) AS high,
    dropped,
    median_seconds,
    p90_seconds,
    still_open,
    persons / nullif(before, 0) AS step_conversion,
    wilson_low(persons, before) AS step_low,
    wilson_high(persons, before) AS step_high,
    CASE WHEN step > 1 THEN coalesce(reached_within, 0) END AS reached_within,
    within_low,
    within_high,
    within_seconds,
    step_order,
    CASE WHEN enough_in_cohort(entered) THEN 'ok' ELSE 'insufficient' END AS verdict
FROM gone
LEFT JOIN journey_funnel_within USING (as_of, funnel, cohort, step)
LEFT JOIN journey_funnel_times USING (as_of, funnel, cohort, step)
ORDER BY as_of, gone.funnel, cohort, step
