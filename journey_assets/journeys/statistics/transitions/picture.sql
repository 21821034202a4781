-- Shares of departures between the most frequent events, the focus cohort's minus all others'.
-- One row per pair of those events, and per event with to_event NULL: to any other event, or to the
-- path's end. Bounds of the difference: R. G. Newcombe, Statistics in Medicine 17 (1998), method 10.
WITH stored AS (
  SELECT cohort, cohort = $focus AS focused, from_event, to_event, occurrences, departures
  FROM store.journeys.transitions WHERE as_of = $as_of
), departed AS (
  SELECT from_event, sum(departures) FILTER (focused) AS focus_departures,
    sum(departures) FILTER (NOT focused) AS other_departures
  FROM (SELECT DISTINCT cohort, focused, from_event, departures FROM stored) GROUP BY from_event
), top AS (
  SELECT *, row_number() OVER (
    ORDER BY coalesce(focus_departures, 0) + coalesce(other_departures, 0) DESC, from_event) AS place
  FROM departed ORDER BY place LIMIT $events
), named AS (
  SELECT from_event, to_event,
    coalesce(sum(occurrences) FILTER (focused), 0) AS focus_n,
    coalesce(sum(occurrences) FILTER (NOT focused), 0) AS other_n
  FROM stored GROUP BY from_event, to_event
), pairs AS (
  SELECT a.from_event, b.from_event AS to_event, a.place AS from_place, b.place AS to_place,
    coalesce(focus_n, 0) AS focus_n, coalesce(other_n, 0) AS other_n,
    coalesce(a.focus_departures, 0) AS focus_departures,
    coalesce(a.other_departures, 0) AS other_departures
  FROM top AS a CROSS JOIN top AS b
  LEFT JOIN named ON named.from_event = a.from_event AND named.to_event = b.from_event
), counted AS (
  FROM pairs
  UNION ALL BY NAME
  SELECT from_event, from_place, focus_departures, other_departures,
    focus_departures - sum(focus_n) AS focus_n, other_departures - sum(other_n) AS other_n
  FROM pairs GROUP BY from_event, from_place, focus_departures, other_departures
), bounds AS (
  SELECT *, focus_n / focus_departures AS p, other_n / other_departures AS q,
    wilson_low(focus_n, focus_departures) AS p_low, wilson_high(focus_n, focus_departures) AS p_high,
    wilson_low(other_n, other_departures) AS q_low, wilson_high(other_n, other_departures) AS q_high
  FROM counted
)
SELECT from_event, to_event, focus_departures, other_departures, p - q AS difference,
  p - q - sqrt((p - p_low) ^ 2 + (q_high - q) ^ 2) AS low,
  p - q + sqrt((p_high - p) ^ 2 + (q - q_low) ^ 2) AS high
FROM bounds ORDER BY from_place, to_place NULLS LAST
