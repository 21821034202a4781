-- Returns to an earlier event: in each cohort the $limit events to which most persons come back, the
-- other events' returns summed up (persons do not add up over events).
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY cohort ORDER BY persons_returning DESC, returns DESC, event_type
    ) AS place
  FROM evidence_journeys_loops
  WHERE persons_returning > 0
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  event_type,
  persons_returning,
  persons_with,
  return_share,
  return_low,
  return_high,
  returns,
  median_steps_away,
  place
FROM ranked
WHERE place <= $limit
UNION ALL BY NAME
SELECT 'others' AS fold, count(*) AS folded, cohort, sum(returns) AS returns, $limit + 1 AS place
FROM ranked
WHERE place > $limit
GROUP BY cohort
ORDER BY cohort, place
