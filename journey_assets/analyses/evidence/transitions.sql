-- The steps people take from one event to the next: in each cohort the $limit pairs that occur most,
-- the other pairs folded into one row with their occurrences.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY cohort ORDER BY occurrences DESC, persons DESC, from_event, to_event
    ) AS place
  FROM evidence_journeys_transitions
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  from_event,
  to_event,
  occurrences,
  departures,
  p_out,
  p_low,
  p_high,
  persons,
  median_seconds,
  p90_seconds,
  place
FROM ranked
WHERE place <= $limit
UNION ALL
SELECT
  'others', count(*), cohort, NULL, NULL, sum(occurrences),
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, $limit + 1
FROM ranked
WHERE place > $limit
GROUP BY cohort
ORDER BY cohort, place
