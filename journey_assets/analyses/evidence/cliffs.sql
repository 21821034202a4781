-- Drop-off cliffs of those who do not convert: the $limit states and the $limit arrivals that are
-- proven and rank highest. The others are folded by cohort, kind and verdict: exits and visits add up,
-- and their exit rate follows. A state is left at itself; in a pair it is the second event.
WITH kinds AS (
  SELECT
    *,
    CASE WHEN to_event IS NULL THEN 'state' ELSE 'arrival' END AS kind,
    coalesce(to_event, from_event) AS leave_at,
    CASE WHEN to_event IS NOT NULL THEN from_event END AS coming_from
  FROM evidence_journeys_dropoff_cliffs
  WHERE cohort <> 'converter'
),
ranked AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY kind, verdict ORDER BY rank, cohort, leave_at, coming_from
    ) AS place
  FROM kinds
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  kind,
  leave_at,
  coming_from,
  verdict,
  family_q,
  exits,
  visits,
  exit_rate,
  exit_low,
  exit_high,
  cohort_exit_rate,
  cohort_exits,
  share_of_exits,
  persons,
  place
FROM ranked
WHERE verdict = 'cliff' AND place <= $limit
UNION ALL BY NAME
SELECT
  'others' AS fold,
  count(*) AS folded,
  cohort,
  kind,
  verdict,
  sum(exits) AS exits,
  sum(visits) AS visits,
  sum(exits) / nullif(sum(visits), 0) AS exit_rate,
  any_value(cohort_exit_rate) AS cohort_exit_rate,
  any_value(cohort_exits) AS cohort_exits,
  sum(exits) / nullif(any_value(cohort_exits), 0) AS share_of_exits,
  $limit + 1 + list_position(['cliff', 'no_cliff', 'insufficient'], verdict) AS place
FROM ranked
WHERE verdict <> 'cliff' OR place > $limit
GROUP BY cohort, kind, verdict
ORDER BY kind DESC, place, cohort, verdict
