-- Reads: journey_lengths, journey_cohorts, journey_members, journey_population, journey_windows,
--        journey_time_to_convert, journey_rates; variables journeys_conversion_known,
--        journeys_by_session; needs the Wilson macros, counted_quantile and enough_in_cohort.

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
    FROM journey_members
    GROUP BY as_of
),
judged AS (
    SELECT
        *,
        CASE
            WHEN NOT getvariable('journeys_conversion_known') THEN 'no_conversion_event'
            WHEN getvariable('journeys_by_session') THEN 'sessions'
        END AS undefined,
        CASE
            WHEN undefined IS NOT NULL THEN undefined
            WHEN NOT enough_in_cohort(population) THEN 'insufficient'
            WHEN median_seconds IS NULL THEN 'not_reached'
            ELSE 'reached'
        END AS time_to_convert_status
    FROM populations
    LEFT JOIN journey_time_to_convert USING (as_of)
),
rated AS (
    SELECT
        journey_members.as_of,
        journey_members.cohort,
        undefined,
        coalesce(undefined, if(enough_in_cohort(journey_rates.newcomers), 'known', 'insufficient'))
            AS rate_status,
        CASE WHEN rate_status = 'known' THEN rates END AS rates
    FROM journey_members
    JOIN journey_windows USING (as_of)
    JOIN judged USING (as_of)
    LEFT JOIN journey_rates
        ON journey_rates.as_of = journey_members.as_of
        AND journey_rates.cohort IS NOT DISTINCT FROM if(by_labels, journey_members.cohort, NULL)
),
figured AS (
    SELECT
        as_of,
        cohort,
        members.persons,
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
        members.persons / population AS share_of_population,
        wilson_low(members.persons, population) AS share_low,
        wilson_high(members.persons, population) AS share_high,
        coalesce(events, 0) AS events,
        sessions / journey_cohorts.persons AS avg_sessions,
        coalesce(exits, 0) AS exits,
        coalesce(conversions, 0) AS conversions,
        coalesce(censored, 0) AS censored,
        coalesce(cut, 0) AS cut,
        unidentified,
        observed_until,
        members.compared,
        newcomers,
        earlier_converters,
        both_lists,
        heavy_persons,
        rate_status,
        rates[7].rate AS rate_7d,
        rates[7].low AS rate_7d_low,
        rates[7].high AS rate_7d_high,
        rates[14].rate AS rate_14d,
        rates[14].low AS rate_14d_low,
        rates[14].high AS rate_14d_high,
        rates[30].rate AS rate_30d,
        rates[30].low AS rate_30d_low,
        rates[30].high AS rate_30d_high,
        CASE WHEN getvariable('journeys_conversion_known') THEN population_converted / population END
            AS crude_rate,
        CASE WHEN crude_rate IS NOT NULL THEN wilson_low(population_converted, population) END
            AS crude_low,
        CASE WHEN crude_rate IS NOT NULL THEN wilson_high(population_converted, population) END
            AS crude_high
    FROM journey_members AS members
    LEFT JOIN cohorts USING (as_of, cohort)
    LEFT JOIN medians USING (as_of, cohort)
    LEFT JOIN journey_cohorts USING (as_of, cohort)
    JOIN journey_population USING (as_of)
    JOIN judged USING (as_of)
    JOIN rated USING (as_of, cohort)
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
        0 AS unidentified,
        0 AS compared
    )
FROM (SELECT DISTINCT ON (as_of) * FROM figured ORDER BY as_of, cohort)
SEMI JOIN (
    FROM figured
    SELECT as_of
    GROUP BY as_of
    HAVING bool_and(cohort IN ('non_converter', 'earlier_converter', 'both_lists'))
) USING (as_of)
ORDER BY as_of, cohort
