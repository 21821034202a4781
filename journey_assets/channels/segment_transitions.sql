-- Consecutive events by segment, their share of all departures, and which of them are steps of the
-- golden path. The last event of a censored or cut path is not seen to depart.
-- Reads: segment_paths, segment_ways, golden_steps; needs the Wilson macros.

WITH visits AS (
    SELECT
        as_of,
        segment,
        person_id,
        unnest(events) AS from_event,
        unnest(list_append(events[2:], NULL)) AS to_event,
        ending
    FROM segment_paths
),
cells AS (
    SELECT as_of, segment, from_event, to_event, sum(n) AS occurrences, count(*) AS persons
    FROM (
        SELECT as_of, segment, person_id, from_event, to_event, count(*) AS n
        FROM visits
        WHERE to_event IS NOT NULL OR ending IN ('exit', 'conversion')
        GROUP BY ALL
    )
    GROUP BY ALL
),
departing AS (
    SELECT *, sum(occurrences) OVER (PARTITION BY as_of, segment, from_event) AS departures
    FROM cells
),
golden_pairs AS (
    SELECT
        origin.as_of,
        origin.event_type AS from_event,
        target.event_type AS to_event,
        min(origin.step) AS golden_step
    FROM golden_steps AS origin
    JOIN golden_steps AS target
        ON target.as_of = origin.as_of AND target.step = origin.step + 1
    GROUP BY ALL
)
SELECT
    as_of,
    segment,
    from_event,
    to_event,
    occurrences,
    persons,
    occurrences / departures AS p_out,
    wilson_low(occurrences, departures) AS p_low,
    wilson_high(occurrences, departures) AS p_high,
    departures,
    persons_with_path AS segment_persons,
    golden_step
FROM departing
JOIN segment_ways USING (as_of, segment)
LEFT JOIN golden_pairs USING (as_of, from_event, to_event)
WHERE to_event IS NOT NULL
ORDER BY as_of, segment, occurrences DESC, from_event, to_event
