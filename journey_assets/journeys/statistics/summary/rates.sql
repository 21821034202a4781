-- How many newcomers convert within days of their path's first event: 1 − Kaplan–Meier, those without a
-- conversion event censored at the end of the observed time, with the log-log interval from Greenwood's
-- variance (Kalbfleisch & Prentice, The Statistical Analysis of Failure Time Data, 2002, 1.4).
-- Where nobody or everybody has converted by then that variance is 0: the interval is Wilson's over the
-- persons of whom it is known. Nobody can be observed for all the days of the window: of these the
-- curve is read a day earlier. Where the cohorts are labels each has a rate of its own.
-- Reads: journey_lives, journey_windows; variable journeys_z; needs the Wilson macros and
--        enough_in_cohort.
-- Leaves: journey_rates (as_of, cohort: NULL where the rate is of all, newcomers, rates: a struct with
--         rate, low and high by days, NULL where too few are observed for so long).

CREATE OR REPLACE TEMP TABLE journey_rates AS
WITH lives AS (
    SELECT
        as_of,
        CASE WHEN by_labels THEN cohort END AS cohort,
        ms,
        coalesce(sum(persons) FILTER (converted = 1), 0) AS converted,
        sum(persons) AS leaving
    FROM journey_lives
    JOIN journey_windows USING (as_of)
    WHERE newcomer = 1
    GROUP BY ALL
),
curve AS (
    SELECT
        *,
        sum(leaving) OVER (PARTITION BY as_of, cohort ORDER BY ms DESC) AS at_risk
    FROM lives
),
horizons AS (
    SELECT
        as_of,
        days,
        least(days, span - 1) * 86400000 AS upto
    FROM (
        SELECT as_of, date_diff('day', first_day, observed_until) AS span, unnest([7, 14, 30]) AS days
        FROM journey_windows
    )
    WHERE days <= span
),
estimates AS (
    SELECT
        as_of,
        cohort,
        days,
        coalesce(product(1 - converted / at_risk) FILTER (ms <= upto AND converted > 0), 1)
            AS survival,
        sum(converted / nullif(at_risk * (at_risk - converted), 0)) FILTER (ms <= upto)
            AS greenwood,
        sum(CASE WHEN ms <= upto THEN converted ELSE leaving END) AS known
    FROM curve
    JOIN horizons USING (as_of)
    GROUP BY ALL
),
bands AS (
    SELECT
        *,
        CASE WHEN survival > 0 AND survival < 1
            THEN getvariable('journeys_z') * sqrt(greenwood) / abs(ln(survival)) END AS width
    FROM estimates
    WHERE enough_in_cohort(known)
),
rates AS (
    SELECT
        as_of,
        cohort,
        map_from_entries(list((days, {
            'rate': 1 - survival,
            'low': CASE
                WHEN survival = 1 THEN 0
                WHEN survival = 0 THEN wilson_low(known, known)
                ELSE 1 - survival ^ exp(-width)
            END,
            'high': CASE
                WHEN survival = 1 THEN wilson_high(0, known)
                WHEN survival = 0 THEN 1
                ELSE 1 - survival ^ exp(width)
            END
        }))) AS rates
    FROM bands
    GROUP BY ALL
)
SELECT counted.*, rates
FROM (SELECT as_of, cohort, sum(leaving) AS newcomers FROM lives GROUP BY ALL) AS counted
LEFT JOIN rates
    ON rates.as_of = counted.as_of AND rates.cohort IS NOT DISTINCT FROM counted.cohort;
