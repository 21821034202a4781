-- What changed between two periods that share no day: the $limit figures whose difference holds, the
-- surest first; what could not be told or does not hold is only counted, by verdict.
WITH ranked AS (
  SELECT
    *,
    verdict IN ('higher', 'lower') AS holds,
    row_number() OVER (
      PARTITION BY verdict IN ('higher', 'lower')
      ORDER BY family_q NULLS LAST, figure, event_type, to_event
    ) AS place
  FROM evidence_journeys_changes
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  event_type,
  to_event,
  replace(figure, '_', ' ') AS figure,
  verdict,
  family_q,
  CASE WHEN figure = 'events_per_person' THEN then_value END AS then_number,
  CASE WHEN figure = 'events_per_person' THEN now_value END AS now_number,
  CASE WHEN figure <> 'events_per_person' THEN then_value END AS then_share,
  CASE WHEN figure <> 'events_per_person' THEN now_value END AS now_share,
  place
FROM ranked
WHERE holds AND place <= $limit
UNION ALL BY NAME
SELECT 'others' AS fold, count(*) AS folded, verdict, $limit + 1 AS place
FROM ranked
WHERE NOT holds OR place > $limit
GROUP BY verdict
ORDER BY place, verdict
