-- Reads: journey_lifecycle, journey_windows, journey_stored_days (event_date).

WITH days AS (
    SELECT as_of, first_day + day::INTEGER AS day, new, retained, resurrected, dormant
    FROM journey_lifecycle
    JOIN journey_windows USING (as_of)
),
stored AS (
    SELECT DISTINCT event_date FROM journey_stored_days
),
known AS (
    SELECT
        as_of,
        day,
        today.event_date IS NOT NULL AS is_known,
        is_known AND yesterday.event_date IS NOT NULL AND day > first_day AS is_compared
    FROM days
    JOIN journey_windows USING (as_of)
    LEFT JOIN stored AS today ON today.event_date = day
    LEFT JOIN stored AS yesterday ON yesterday.event_date = day - 1
)
SELECT
    as_of,
    day,
    CASE WHEN is_known THEN days.new::BIGINT END AS new,
    CASE WHEN is_compared THEN days.retained::BIGINT END AS retained,
    CASE WHEN is_compared THEN days.resurrected::BIGINT END AS resurrected,
    CASE WHEN is_compared THEN days.dormant::BIGINT END AS dormant,
    CASE WHEN is_known THEN (days.new + days.retained + days.resurrected)::BIGINT END AS active
FROM days
JOIN known USING (as_of, day)
ORDER BY as_of, day
