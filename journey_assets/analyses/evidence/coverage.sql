-- How well the sources are joined: the $limit measures that leave most unjoined (denominator minus
-- numerator), the others only counted, since unlike measures do not add up.
WITH ranked AS (
  SELECT *, row_number() OVER (ORDER BY denominator - numerator DESC, measure) AS place
  FROM evidence_identity_coverage
)
SELECT NULL::VARCHAR AS fold, NULL::BIGINT AS folded, measure, numerator, denominator, share, place
FROM ranked
WHERE place <= $limit
UNION ALL
SELECT 'others', count(*), NULL, NULL, NULL, NULL, $limit + 1
FROM ranked
WHERE place > $limit
HAVING count(*) > 0
ORDER BY place
