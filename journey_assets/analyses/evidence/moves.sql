-- Where profiles moved between the last two snapshots: the $limit moves of most profiles, those to
-- another segment before those that stayed; the others folded into one row.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (
      ORDER BY (from_segment = to_segment), profiles DESC, from_segment, to_segment
    ) AS place
  FROM evidence_channels_segment_moves
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  from_segment,
  to_segment,
  profiles,
  from_profiles,
  share,
  share_low,
  share_high,
  avg_ltv_before,
  avg_ltv_after,
  place
FROM ranked
WHERE place <= $limit
UNION ALL
SELECT 'others', count(*), NULL, NULL, sum(profiles), NULL, NULL, NULL, NULL, NULL, NULL, $limit + 1
FROM ranked
WHERE place > $limit
HAVING count(*) > 0
ORDER BY place
