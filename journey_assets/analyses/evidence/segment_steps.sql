-- The golden path by channel segment: segments with most persons first, their steps in order; $limit
-- rows, the others counted.
WITH ranked AS (
  SELECT *, row_number() OVER (ORDER BY segment_persons DESC, segment, step) AS place
  FROM evidence_channels_segment_golden_steps
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  segment,
  step,
  event_type,
  persons,
  segment_persons,
  share,
  share_low,
  share_high,
  step_share,
  conversion_rate,
  place
FROM ranked
WHERE place <= $limit
UNION ALL BY NAME
SELECT 'others' AS fold, count(*) AS folded, $limit + 1 AS place
FROM ranked
WHERE place > $limit
HAVING count(*) > 0
ORDER BY place
