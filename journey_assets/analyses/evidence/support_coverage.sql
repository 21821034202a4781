-- How well support conversations are joined with the other sources: the $limit measures about them that
-- say most, the others only counted, since unlike measures do not add up.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (
      ORDER BY
        list_position(['unmatched', 'linkable', 'id_coverage'], split_part(measure, ':', 1))
          NULLS LAST,
        measure
    ) AS place
  FROM evidence_identity_coverage
  WHERE measure LIKE '%mavenoid%' OR measure = 'unmatched:conversations'
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  measure,
  unit,
  numerator,
  denominator,
  share,
  share_low,
  share_high,
  place
FROM ranked
WHERE place <= $limit
UNION ALL BY NAME
SELECT 'others' AS fold, count(*) AS folded, $limit + 1 AS place
FROM ranked
WHERE place > $limit
HAVING count(*) > 0
ORDER BY place
