-- The agents together, none singled out: time available and active, and how unevenly it is used.
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  count(*) AS agents,
  sum(available_ms) / 1000 AS available,
  sum(active_ms) / 1000 AS active,
  sum(active_ms) / nullif(sum(available_ms), 0) AS utilisation,
  min(utilisation) AS lowest,
  median(utilisation) AS middle,
  max(utilisation) AS highest,
  sum(sessions) AS sessions
FROM evidence_support_agent_statistics
HAVING count(*) > 0
