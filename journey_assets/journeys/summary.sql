-- Size, lengths and endings of each cohort's paths; the population's time to convert beside them.
-- Reads: journey_paths, journey_steps, journey_windows, journey_time_to_convert; variables
--        journeys_conversion_known, journeys_by_session, journeys_min_cohort_persons,
--        journeys_session_gap_ms.

WITH sessions AS (
    SELECT as_of, cohort, count(*) FILTER (
        gap_ms > getvariable('journeys_session_gap_ms') OR next_event IS NULL
    ) AS sessions
    FROM journey_steps
    GROUP BY ALL
),
cohorts AS (
    SELECT
        as_of,
        cohort,
        count(*) AS persons,
        avg(n_events) AS avg_length,
        quantile_cont(n_events, 0.5) AS median_length,
        sum(n_events) AS events,
        count(*) FILTER (ending = 'exit') AS exits,
        count(*) FILTER (ending = 'conversion') AS conversions,
        count(*) FILTER (ending = 'censored') AS censored,
        count(*) FILTER (ending = 'cut') AS cut,
        count(*) FILTER (unidentified) AS unidentified
    FROM journey_paths
    GROUP BY ALL
),
populations AS (
    SELECT as_of, count(*) AS population, count(converted_at) AS population_converted
    FROM journey_paths
    GROUP BY as_of
),
judged AS (
    SELECT
        *,
        CASE
            WHEN NOT getvariable('journeys_conversion_known') THEN 'no_conversion_event'
            WHEN getvariable('journeys_by_session') THEN 'sessions'
            WHEN population < getvariable('journeys_min_cohort_persons') THEN 'insufficient'
            WHEN median_seconds IS NULL THEN 'not_reached'
            ELSE 'reached'
        END AS time_to_convert_status
    FROM populations
    LEFT JOIN journey_time_to_convert USING (as_of)
)
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
JOIN sessions USING (as_of, cohort)
JOIN judged USING (as_of)
JOIN journey_windows USING (as_of)
ORDER BY as_of, cohort
