-- Kaplan–Meier over all persons with a path who did not convert before the window, from the path's first
-- event to the first conversion event, those without one censored at the end of the observed time; its
-- median with the interval of Brookmeyer & Crowley (Biometrics 38, 1982) on the log-log scale with
-- Greenwood's variance: the times at which S^exp(±z·√g/|ln S|) has come down to one half, g = Σ d/(n(n−d)).
-- Reads: journey_lives; variable journeys_z.
-- Leaves: journey_time_to_convert (as_ofs with a conversion; seconds NULL where a half is not
--         reached).

CREATE OR REPLACE TEMP TABLE journey_time_to_convert AS
WITH times AS (
    SELECT
        as_of,
        ms,
        coalesce(sum(persons) FILTER (converted = 1), 0) AS converted,
        sum(persons) AS leaving
    FROM journey_lives
    GROUP BY ALL
),
risks AS (
    SELECT
        as_of,
        ms,
        converted,
        sum(leaving) OVER (PARTITION BY as_of ORDER BY ms DESC) AS at_risk
    FROM times
),
curve AS (
    SELECT
        as_of,
        ms,
        product(1 - converted / at_risk) OVER earlier AS survival,
        sum(converted / nullif(at_risk * (at_risk - converted), 0)) OVER earlier AS greenwood
    FROM risks
    WHERE converted > 0
    WINDOW earlier AS (PARTITION BY as_of ORDER BY ms)
),
bands AS (
    SELECT
        as_of,
        ms,
        survival,
        getvariable('journeys_z') * sqrt(greenwood) / abs(ln(nullif(survival, 0))) AS width
    FROM curve
)
-- A survival of exactly one half counts as reached whatever the rounding of the product. At
-- survival 0 the band is not defined: the lower bound is certainly reached, the upper not known.
SELECT
    as_of,
    min(ms) FILTER (survival <= 0.5 + 1e-12) / 1000 AS median_seconds,
    min(ms) FILTER (survival = 0 OR survival ^ exp(width) <= 0.5) / 1000 AS low_seconds,
    min(ms) FILTER (survival > 0 AND survival ^ exp(-width) <= 0.5) / 1000 AS high_seconds
FROM bands
GROUP BY as_of;
