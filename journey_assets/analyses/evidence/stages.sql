-- The stages of the journey in the order of the way, $limit rows; the others (of further labels of
-- cohorts) counted.
WITH ranked AS (
  SELECT *, row_number() OVER (ORDER BY (cohort <> 'converter'), cohort, stage) AS place
  FROM evidence_journeys_stages
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  stage,
  label,
  events,
  persons_converters,
  converters,
  share_converters,
  share_converters_low,
  share_converters_high,
  persons_non_converters,
  non_converters,
  share_non_converters,
  share_non_converters_low,
  share_non_converters_high,
  median_seconds_from_start,
  place
FROM ranked
WHERE place <= $limit
UNION ALL BY NAME
SELECT 'others' AS fold, count(*) AS folded, $limit + 1 AS place
FROM ranked
WHERE place > $limit
HAVING count(*) > 0
ORDER BY place
