-- How well the sources are joined: the $limit measures that say most about what could be joined
-- (what is known and linked before what is shared or merged, sizes last), among equals those that
-- leave most unjoined; the others only counted, since unlike measures do not add up.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (
      ORDER BY
        list_position(
          [
            'anonymous_to_known', 'few_identifiers', 'linkable', 'unmatched', 'id_coverage',
            'unassigned', 'shared', 'over_merged', 'component_size'
          ],
          split_part(measure, ':', 1)
        ) NULLS LAST,
        denominator - numerator DESC,
        measure
    ) AS place
  FROM evidence_identity_coverage
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
