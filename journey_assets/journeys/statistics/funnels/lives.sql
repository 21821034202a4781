-- Kaplan–Meier from an attempt's first step to each further one, at the end of the attempt's time: persons
-- who are not observed so long are censored when the observed time ends. Bounds are log-log Greenwood.
-- Reads: journey_funnel_lives, journey_funnel_steps, journey_funnels; variable journeys_z.
-- Leaves: journey_funnel_within (as_of, funnel, cohort, step, reached_within, within_low, within_high).

CREATE OR REPLACE TEMP TABLE journey_funnel_within AS
WITH entered AS (
    SELECT as_of, funnel, cohort, sum(persons) AS entered
    FROM (
        SELECT as_of, funnel, cohort::VARCHAR AS cohort, persons
        FROM journey_funnel_steps
        WHERE step = 1
        UNION ALL
        SELECT as_of, funnel, 'all', persons FROM journey_funnel_steps WHERE step = 1
    )
    GROUP BY ALL
),
times AS (
    SELECT
        as_of,
        funnel,
        cohort,
        step,
        seconds,
        coalesce(sum(persons) FILTER (reached = 1), 0) AS came,
        sum(persons) AS leaving
    FROM (
        SELECT * REPLACE (cohort::VARCHAR AS cohort) FROM journey_funnel_lives
        UNION ALL
        SELECT * REPLACE ('all' AS cohort) FROM journey_funnel_lives
    )
    GROUP BY ALL
),
risks AS (
    SELECT
        * EXCLUDE (entered),
        -- Whoever neither comes nor is cut short is there to the end.
        entered - coalesce(sum(leaving) OVER (
            PARTITION BY as_of, funnel, cohort, step
            ORDER BY seconds
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS at_risk
    FROM times
    JOIN entered USING (as_of, funnel, cohort)
),
curves AS (
    SELECT
        as_of,
        funnel,
        cohort,
        step,
        product(1 - came / at_risk) AS survival,
        sum(came / nullif(at_risk * (at_risk - came), 0)) AS greenwood
    FROM risks
    WHERE came > 0
    GROUP BY ALL
)
SELECT
    as_of,
    funnel,
    cohort,
    step,
    1 - survival AS reached_within,
    CASE WHEN survival BETWEEN 1e-12 AND 1 - 1e-12 THEN getvariable('journeys_z') * sqrt(greenwood)
        / abs(ln(survival)) END AS spread,
    1 - survival ^ exp(-spread) AS within_low,
    1 - survival ^ exp(spread) AS within_high
FROM curves;
