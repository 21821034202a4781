-- What conversations were about: the $limit topics with most conversations that were not resolved,
-- the others only counted, since a conversation may have several topics.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (
      ORDER BY conversations - resolved DESC, conversations DESC, kind, topic
    ) AS place
  FROM evidence_support_topics
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  kind,
  topic,
  conversations,
  all_conversations,
  share,
  share_low,
  share_high,
  escalated,
  escalation_rate,
  csat,
  main_flow,
  place
FROM ranked
WHERE place <= $limit
UNION ALL
SELECT
  'others', count(*), NULL, NULL, NULL, any_value(all_conversations),
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, $limit + 1
FROM ranked
WHERE place > $limit
HAVING count(*) > 0
ORDER BY place
