-- Quantiles of the time between a step and the one before.
-- Reads: journey_funnel_waits; needs counted_quantile.
-- Leaves: journey_funnel_times (as_of, funnel, cohort, step, median_seconds, p90_seconds).

CREATE OR REPLACE TEMP TABLE journey_funnel_times AS
WITH waits AS (
    SELECT as_of, funnel, cohort, step, milliseconds, sum(persons) AS persons
    FROM (
        SELECT * REPLACE (cohort::VARCHAR AS cohort) FROM journey_funnel_waits
        UNION ALL
        SELECT * REPLACE ('all' AS cohort) FROM journey_funnel_waits
    )
    GROUP BY ALL
),
ranked AS (
    SELECT
        *,
        sum(persons) OVER (
            PARTITION BY as_of, funnel, cohort, step ORDER BY milliseconds
        ) AS upto,
        sum(persons) OVER (PARTITION BY as_of, funnel, cohort, step) AS total
    FROM waits
)
SELECT
    as_of,
    funnel,
    cohort,
    step,
    counted_quantile(milliseconds, upto, total, 0.5) / 1000 AS median_seconds,
    counted_quantile(milliseconds, upto, total, 0.9) / 1000 AS p90_seconds
FROM ranked
GROUP BY ALL;
