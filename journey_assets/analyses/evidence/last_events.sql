-- Where paths end: in each cohort the $limit events with most exits, the others folded into one row.
-- Counts and shares of exits add up, and the exit rate of the others follows from their counts.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY cohort ORDER BY exits DESC, persons DESC, event_type
    ) AS place
  FROM evidence_journeys_last_events
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  event_type,
  persons,
  exits,
  visits,
  exit_rate,
  exit_low,
  exit_high,
  cohort_exits,
  share_of_exits,
  place
FROM ranked
WHERE place <= $limit
UNION ALL
SELECT
  'others', count(*), cohort, NULL, sum(persons), sum(exits), sum(visits),
  sum(exits) / nullif(sum(visits), 0), NULL, NULL,
  any_value(cohort_exits), sum(share_of_exits), $limit + 1
FROM ranked
WHERE place > $limit
GROUP BY cohort
ORDER BY cohort, place
