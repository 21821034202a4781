-- The headline figures of each as_of: (as_of, figure, value, low, high, part, whole, note).
-- Rates over several rows of a table are pooled; bounds are Wilson's.
WITH pooled AS (
    SELECT as_of, 'escalation_rate' AS figure, sum(escalated) AS part, sum(conversations) AS whole
    FROM report_support_conversation_statistics GROUP BY as_of
    UNION ALL
    SELECT as_of, 'csat', sum(satisfied), sum(rated)
    FROM report_support_conversation_statistics GROUP BY as_of
    UNION ALL
    SELECT as_of, 'omnichannel', sum(profiles) FILTER (segment = 'omnichannel'), sum(profiles)
    FROM report_channels_segments GROUP BY as_of
    UNION ALL
    SELECT as_of, 'numbers_grounded', sum(numbers_grounded), sum(numbers_total)
    FROM report_analyses_mave_analyses WHERE content IS NOT NULL GROUP BY as_of
)
SELECT as_of, figure, part / whole AS value, wilson_low(part, whole) AS low,
       wilson_high(part, whole) AS high, part::BIGINT AS part, whole::BIGINT AS whole, '' AS note
FROM (SELECT as_of, figure, coalesce(part, 0)::DOUBLE AS part, whole::DOUBLE AS whole FROM pooled)
WHERE whole > 0
UNION ALL
SELECT as_of, figure, value, low, high, NULL, newcomers, rate_status
FROM report_journeys_summary,
     (VALUES ('conversion_7d', rate_7d, rate_7d_low, rate_7d_high),
             ('conversion_14d', rate_14d, rate_14d_low, rate_14d_high),
             ('conversion_30d', rate_30d, rate_30d_low, rate_30d_high)) AS rates (figure, value, low, high)
WHERE cohort = 'converter' AND rate_status IS NOT NULL
UNION ALL
SELECT as_of, 'conversion_rate', share_of_population, share_low, share_high, persons, population, ''
FROM report_journeys_summary WHERE cohort = 'converter'
UNION ALL
SELECT as_of, 'time_to_convert', any_value(median_seconds_to_convert), any_value(median_seconds_low),
       any_value(median_seconds_high), any_value(population_converted), any_value(population),
       any_value(time_to_convert_status)
FROM report_journeys_summary GROUP BY as_of
UNION ALL
SELECT as_of, 'golden_path', share_converters, share_converters_low, share_converters_high,
       support_converters, converters, ''
FROM report_journeys_golden_paths
WHERE reading = 'common_subsequence' AND cohort = 'converter' AND verdict = 'found'
ORDER BY ALL;
