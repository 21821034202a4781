-- The steps of the golden path in order, with the conversion of those who take them in their first
-- session and of those who do not, and the ratio of hazards that makes the claim: the first $limit
-- steps, the others counted.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (ORDER BY (cohort <> 'converter'), cohort, step) AS place
  FROM evidence_journeys_golden_transitions
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  step,
  from_event,
  to_event,
  persons_with,
  converters_with,
  converters_with / nullif(persons_with, 0) AS rate_with,
  persons_without,
  converters_without,
  converters_without / nullif(persons_without, 0) AS rate_without,
  stratified_ratio AS hazard_ratio,
  stratified_low AS hr_low,
  stratified_high AS hr_high,
  CASE WHEN critical THEN 'critical' END AS critical,
  verdict,
  place
FROM ranked
WHERE place <= $limit
UNION ALL BY NAME
SELECT 'others' AS fold, count(*) AS folded, $limit + 1 AS place
FROM ranked
WHERE place > $limit
HAVING count(*) > 0
ORDER BY place
