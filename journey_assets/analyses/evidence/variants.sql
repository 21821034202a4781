-- Whole paths: the $limit most frequent of each cohort, all others in one row. A stored row without a
-- path already stands for many (`variants` says how many).
WITH ranked AS (
  SELECT *, row_number() OVER (PARTITION BY cohort ORDER BY (path IS NULL), rank) AS place
  FROM evidence_journeys_variants
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  path,
  persons,
  cohort_persons,
  share,
  share_low,
  share_high,
  median_seconds,
  place
FROM ranked
WHERE path IS NOT NULL AND place <= $limit
UNION ALL BY NAME
SELECT
  'others' AS fold,
  sum(coalesce(variants, 1)) AS folded,
  cohort,
  sum(persons) AS persons,
  any_value(cohort_persons) AS cohort_persons,
  sum(persons) / nullif(any_value(cohort_persons), 0) AS share,
  $limit + 1 AS place
FROM ranked
WHERE path IS NULL OR place > $limit
GROUP BY cohort
ORDER BY cohort, place
