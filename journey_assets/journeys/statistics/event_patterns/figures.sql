-- Reads: journey_patterns, journey_hits, journey_event_days, journey_lengths (the batch's as_ofs),
--        journey_windows.

WITH hit AS (
    SELECT setting, pattern, event_type, event_date, events
    FROM journey_hits
    JOIN journey_event_days USING (event_type)
)
SELECT
    as_of,
    journey_patterns.setting AS setting,
    journey_patterns.pattern AS pattern,
    count(DISTINCT event_type) AS event_names,
    coalesce(sum(events), 0)::BIGINT AS events
FROM (SELECT DISTINCT as_of FROM journey_lengths)
JOIN journey_windows USING (as_of)
CROSS JOIN journey_patterns
LEFT JOIN hit
    ON hit.setting = journey_patterns.setting
    AND hit.pattern = journey_patterns.pattern
    AND event_date BETWEEN first_day AND as_of
GROUP BY ALL
