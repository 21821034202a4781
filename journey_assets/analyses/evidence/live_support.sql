-- Live support by agent group and status: the $limit groups with most sessions, the others folded
-- into one row. Sessions add up and means follow from sums and counts; quantiles do not add up.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (ORDER BY sessions DESC, agent_group_name, status) AS place
  FROM evidence_support_live_support_statistics
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  coalesce(agent_group_name, '(no group)') AS agent_group_name,
  status,
  sessions,
  queue_ms_mean / 1000 AS queue_mean,
  queue_ms_p50 / 1000 AS queue_p50,
  queue_ms_p90 / 1000 AS queue_p90,
  first_response_ms_mean / 1000 AS first_response_mean,
  first_response_ms_p50 / 1000 AS first_response_p50,
  first_response_ms_p90 / 1000 AS first_response_p90,
  chat_ms_mean / 1000 AS chat_mean,
  chat_ms_p50 / 1000 AS chat_p50,
  chat_ms_p90 / 1000 AS chat_p90,
  place
FROM ranked
WHERE place <= $limit
UNION ALL
SELECT
  'others', count(*), NULL, NULL, sum(sessions),
  sum(queue_ms_sum) / nullif(sum(queue_ms_count), 0) / 1000, NULL, NULL,
  sum(first_response_ms_sum) / nullif(sum(first_response_ms_count), 0) / 1000, NULL, NULL,
  sum(chat_ms_sum) / nullif(sum(chat_ms_count), 0) / 1000, NULL, NULL,
  $limit + 1
FROM ranked
WHERE place > $limit
HAVING count(*) > 0
ORDER BY place
