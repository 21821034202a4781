-- The golden path by its three definitions, the headline first; of the first $limit definitions only, the
-- others counted (several labels of cohorts have three definitions each).
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (
      ORDER BY
        (verdict IS NOT DISTINCT FROM 'insufficient'),
        list_position(['common_subsequence', 'modal', 'most_probable'], reading) NULLS LAST,
        (cohort <> 'converter'),
        cohort
    ) AS place
  FROM evidence_journeys_golden_paths
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  CASE reading
    WHEN 'common_subsequence' THEN 'in common'
    WHEN 'modal' THEN 'most common complete path'
    WHEN 'most_probable' THEN 'most probable path'
  END AS reading,
  path,
  len(path) AS length,
  support_converters,
  converters,
  share_converters,
  share_converters_low,
  share_converters_high,
  support_non_converters,
  non_converters,
  share_non_converters,
  share_non_converters_low,
  share_non_converters_high,
  before_converters,
  before_share_converters,
  before_share_converters_low,
  before_share_converters_high,
  before_non_converters,
  before_share_non_converters,
  before_share_non_converters_low,
  before_share_non_converters_high,
  exact_converters,
  probability,
  chain,
  median_seconds,
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
