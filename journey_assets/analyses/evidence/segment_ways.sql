-- Transitions by channel segment: in each segment the $limit pairs of different events that occur most,
-- all other pairs (repeats among them) folded into one row with their occurrences.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY segment
      ORDER BY (from_event = to_event), occurrences DESC, persons DESC, from_event, to_event
    ) AS place
  FROM evidence_journeys_segment_transitions
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  segment,
  from_event,
  to_event,
  occurrences,
  departures,
  p_out,
  p_low,
  p_high,
  persons,
  segment_persons,
  place
FROM ranked
WHERE place <= $limit AND from_event <> to_event
UNION ALL BY NAME
SELECT
  'others' AS fold,
  count(*) AS folded,
  segment,
  sum(occurrences) AS occurrences,
  any_value(segment_persons) AS segment_persons,
  $limit + 1 AS place
FROM ranked
WHERE place > $limit OR from_event = to_event
GROUP BY segment
ORDER BY segment_persons DESC, segment, place
