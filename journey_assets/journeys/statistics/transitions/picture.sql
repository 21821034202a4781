-- Shares of departures between the most frequent events, the focus cohort's minus all others'.
-- One row per pair of those events, and per event with to_event NULL: to any other event, or to the
-- path's end. Bounds of the difference: R. G. Newcombe, Statistics in Medicine 17 (1998), method 10, of
-- bounds on the effective number of departures. Where that is not stored (the pair does not occur, or
-- the rest of the pairs) it is the least of the event's pairs on that side.
WITH stored AS (
  SELECT cohort, cohort = $focus AS focused, from_event, to_event, occurrences, departures,
    coalesce(n_effective, departures) AS n_effective
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
    coalesce(sum(occurrences) FILTER (NOT focused), 0) AS other_n,
    sum(n_effective) FILTER (focused) AS focus_effective,
    sum(n_effective) FILTER (NOT focused) AS other_effective
  FROM stored GROUP BY from_event, to_event
), pairs AS (
  SELECT a.from_event, b.from_event AS to_event, a.place AS from_place, b.place AS to_place,
    coalesce(focus_n, 0) AS focus_n, coalesce(other_n, 0) AS other_n,
    coalesce(a.focus_departures, 0) AS focus_departures,
    coalesce(a.other_departures, 0) AS other_departures, focus_effective, other_effective
  FROM top AS a CROSS JOIN top AS b
  LEFT JOIN named ON named.from_event = a.from_event AND named.to_event = b.from_event
), counted AS (
  FROM pairs
  UNION ALL BY NAME
  SELECT from_event, from_place, focus_departures, other_departures,
    focus_departures - sum(focus_n) AS focus_n, other_departures - sum(other_n) AS other_n
  FROM pairs GROUP BY from_event, from_place, focus_departures, other_departures
), least AS (
  SELECT from_event, min(focus_effective) AS focus_least, min(other_effective) AS other_least
  FROM named GROUP BY from_event
), bounds AS (
  SELECT *, focus_n / focus_departures AS p, other_n / other_departures AS q,
    share_low(p, focus_all) AS p_low, share_high(p, focus_all) AS p_high,
    share_low(q, other_all) AS q_low, share_high(q, other_all) AS q_high
  FROM counted JOIN least USING (from_event),
  LATERAL (SELECT coalesce(focus_effective, focus_least, focus_departures) AS focus_all,
    coalesce(other_effective, other_least, other_departures) AS other_all)
)
SELECT from_event, to_event, focus_departures, other_departures, p - q AS difference,
  p - q - sqrt((p - p_low) ^ 2 + (q_high - q) ^ 2) AS low,
  p - q + sqrt((p_high - p) ^ 2 + (q - q_low) ^ 2) AS high
FROM bounds ORDER BY from_place, to_place NULLS LAST
