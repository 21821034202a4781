-- Reads: journey_lengths, journey_cohorts, journey_windows, journey_time_to_convert; variables
--        journeys_conversion_known, journeys_by_session; needs the Wilson macros, counted_quantile
--        and enough_in_cohort.

WITH by_length AS (
    SELECT
        as_of,
        cohort,
        length,
        sum(paths) OVER (PARTITION BY as_of, cohort ORDER BY length) AS upto,
        sum(paths) OVER (PARTITION BY as_of, cohort) AS total
    FROM (SELECT as_of, cohort, length, sum(paths) AS paths FROM journey_lengths GROUP BY ALL)
),
medians AS (
    SELECT as_of, cohort, counted_quantile(length, upto, total, 0.5) AS median_length
    FROM by_length
    GROUP BY ALL
),
cohorts AS (
    SELECT
        as_of,
        cohort,
        sum(length * paths) / sum(paths) AS avg_length,
        sum(length * paths) AS events,
        coalesce(sum(paths) FILTER (ending = 'exit'), 0) AS exits,
        coalesce(sum(paths) FILTER (ending = 'conversion'), 0) AS conversions,
        coalesce(sum(paths) FILTER (ending = 'censored'), 0) AS censored,
        coalesce(sum(paths) FILTER (ending = 'cut'), 0) AS cut
    FROM journey_lengths
    GROUP BY ALL
),
populations AS (
    SELECT as_of, sum(persons) AS population, sum(converted) AS population_converted
    FROM journey_cohorts
    GROUP BY as_of
),
judged AS (
    SELECT
        *,
        CASE
            WHEN NOT getvariable('journeys_conversion_known') THEN 'no_conversion_event'
            WHEN getvariable('journeys_by_session') THEN 'sessions'
            WHEN NOT enough_in_cohort(population) THEN 'insufficient'
            WHEN median_seconds IS NULL THEN 'not_reached'
            ELSE 'reached'
        END AS time_to_convert_status
    FROM populations
    LEFT JOIN journey_time_to_convert USING (as_of)
),
figured AS (
    SELECT
        as_of,
        cohort,
        persons,
        avg_length,
        median_length,
        CASE WHEN time_to_convert_status = 'reached' THEN median_seconds END
            AS median_seconds_to_convert,
        CASE WHEN time_to_convert_status IN ('reached', 'not_reached') THEN low_seconds END
            AS median_seconds_low,
        CASE WHEN time_to_convert_status IN ('reached', 'not_reached') THEN high_seconds END
            AS median_seconds_high,
        time_to_convert_status,
        population,
        population_converted,
        persons / population AS share_of_population,
        wilson_low(persons, population) AS share_low,
        wilson_high(persons, population) AS share_high,
        events,
        sessions / persons AS avg_sessions,
        exits,
        conversions,
        censored,
        cut,
        unidentified,
        observed_until
    FROM cohorts
    JOIN medians USING (as_of, cohort)
    JOIN journey_cohorts USING (as_of, cohort)
    JOIN judged USING (as_of)
    JOIN journey_windows USING (as_of)
)
FROM figured
UNION ALL BY NAME
-- Nobody converted is a figure: a cohort of none, with the bounds of its share.
SELECT
    * REPLACE (
        'converter' AS cohort,
        0 AS persons,
        NULL AS avg_length,
        NULL AS median_length,
        0 AS share_of_population,
        wilson_low(0, population) AS share_low,
        wilson_high(0, population) AS share_high,
        0 AS events,
        NULL AS avg_sessions,
        0 AS exits,
        0 AS conversions,
        0 AS censored,
        0 AS cut,
        0 AS unidentified
    )
FROM (SELECT DISTINCT ON (as_of) * FROM figured ORDER BY as_of, cohort)
SEMI JOIN (
    FROM figured
    SELECT as_of
    GROUP BY as_of
    HAVING bool_and(cohort IN ('non_converter', 'earlier_converter'))
) USING (as_of)
ORDER BY as_of, cohort
