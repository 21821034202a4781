-- Size, lengths and endings of each cohort's paths; the population's time to convert beside them.
-- Reads: journey_persons, journey_steps, journey_owners, journey_observed, journey_time_to_convert;
--        variables journeys_conversion_known, journeys_fewest_persons.

WITH sessions AS (
    SELECT cohort, count(*) FILTER (
        gap_ms > getvariable('journeys_session_gap_ms') OR next_event IS NULL
    ) AS sessions
    FROM journey_steps
    GROUP BY cohort
),
unidentified AS (
    SELECT person, bool_or(unidentified) AS unidentified FROM journey_owners GROUP BY person
),
cohorts AS (
    SELECT
        cohort,
        count(*) AS persons,
        avg(n_events) AS avg_length,
        quantile_cont(n_events, 0.5) AS median_length,
        sum(n_events) AS events,
        any_value(sessions) / count(*) AS avg_sessions,
        count(*) FILTER (ending = 'exit') AS exits,
        count(*) FILTER (ending = 'conversion') AS conversions,
        count(*) FILTER (ending = 'censored') AS censored,
        count(*) FILTER (ending = 'cut') AS cut,
        count(*) FILTER (unidentified) AS unidentified
    FROM journey_persons
    JOIN sessions USING (cohort)
    JOIN unidentified USING (person)
    GROUP BY cohort
),
whole AS (
    SELECT count(*) AS population, count(converted_at) AS population_converted
    FROM journey_persons
),
judged AS (
    SELECT
        *,
        CASE
            WHEN NOT getvariable('journeys_conversion_known') THEN 'no_conversion_event'
            WHEN population < getvariable('journeys_fewest_persons') THEN 'insufficient'
            WHEN median_seconds IS NULL THEN 'not_reached'
            ELSE 'reached'
        END AS time_to_convert_status
    FROM journey_time_to_convert, whole
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
    avg_sessions,
    exits,
    conversions,
    censored,
    cut,
    unidentified,
    observed_until
FROM cohorts, judged, (FROM journey_observed WHERE as_of = getvariable('journeys_as_of'))
ORDER BY cohort
