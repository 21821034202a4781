-- Live sessions by agent group and status. Count, sum, mean and maximum take every stated duration,
-- to equal the vendor's own summaries; quantiles take the sessions in which it has a meaning.
-- Reads: windows, support_sessions. Leaves: result_support_live_support_statistics.

CREATE OR REPLACE TEMP TABLE result_support_live_support_statistics AS
WITH judged AS (
    SELECT
        *,
        status NOT IN (
            'WAITING_FOR_AGENT', 'CUSTOMER_SKIPPED', 'DECLINED_BY_AGENT', 'NO_AGENT_CAPACITY'
        ) AND (agent_email IS NOT NULL OR first_response_ms IS NOT NULL) AS accepted,
        accepted AND status <> 'ACTIVE' AS ended
    FROM support_sessions
),
grouped AS (
    SELECT
        as_of,
        agent_group_name,
        status,
        count(*) AS sessions,
        count(queue_duration_ms) AS queue_ms_count,
        sum(queue_duration_ms)::BIGINT AS queue_ms_sum,
        avg(queue_duration_ms) AS queue_ms_mean,
        max(queue_duration_ms) AS queue_ms_max,
        quantile_cont(queue_duration_ms, [0.5, 0.9, 0.95]) FILTER (accepted) AS queue,
        count(queue_duration_ms) FILTER (accepted) AS queue_ms_timed,
        count(first_response_ms) AS first_response_ms_count,
        sum(first_response_ms)::BIGINT AS first_response_ms_sum,
        avg(first_response_ms) AS first_response_ms_mean,
        max(first_response_ms) AS first_response_ms_max,
        quantile_cont(first_response_ms, [0.5, 0.9, 0.95]) FILTER (accepted) AS first_response,
        count(first_response_ms) FILTER (accepted) AS first_response_ms_timed,
        count(chat_duration_ms) AS chat_ms_count,
        sum(chat_duration_ms)::BIGINT AS chat_ms_sum,
        avg(chat_duration_ms) AS chat_ms_mean,
        max(chat_duration_ms) AS chat_ms_max,
        quantile_cont(chat_duration_ms, [0.5, 0.9, 0.95]) FILTER (ended) AS chat,
        count(chat_duration_ms) FILTER (ended) AS chat_ms_timed,
        count(*) FILTER (accepted) AS accepted,
        count(*) FILTER (feedback_rating BETWEEN 1 AND 4) AS rated,
        count(*) FILTER (feedback_rating IN (3, 4)) AS satisfied
    FROM windows
    JOIN judged ON session_date BETWEEN first_day AND as_of
    GROUP BY as_of, agent_group_name, status
)
SELECT
    * EXCLUDE (queue, first_response, chat),
    queue[1] AS queue_ms_p50,
    queue[2] AS queue_ms_p90,
    queue[3] AS queue_ms_p95,
    first_response[1] AS first_response_ms_p50,
    first_response[2] AS first_response_ms_p90,
    first_response[3] AS first_response_ms_p95,
    chat[1] AS chat_ms_p50,
    chat[2] AS chat_ms_p90,
    chat[3] AS chat_ms_p95
FROM grouped;
