-- The share of all departures, and which transitions are steps of the golden path.
-- Departures of one person are not independent: the interval is on the effective number of them.
-- Reads: journey_segment_cells, journey_segment_states, journey_event_types, segment_ways, golden_steps;
--        variable channels_segments; needs the Wilson macros.

WITH cells AS (
    SELECT *, sum(occurrences) OVER (PARTITION BY as_of, segment, event)::BIGINT AS departures
    FROM journey_segment_cells
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
),
named AS (
    SELECT
        cells.* REPLACE (getvariable('channels_segments')[segment + 1] AS segment),
        departing,
        vv,
        origin.event_type AS from_event,
        target.event_type AS to_event
    FROM cells
    JOIN journey_segment_states USING (as_of, segment, event)
    JOIN journey_event_types AS origin USING (event)
    JOIN journey_event_types AS target ON target.event = next_event
)
SELECT
    as_of,
    segment,
    from_event,
    to_event,
    occurrences,
    persons,
    occurrences / departures AS p_out,
    design_effect(occurrences, departures, departing, xx, xv, vv) AS deff,
    effective_number(occurrences, departures, departing, xx, xv, vv) AS n_effective,
    share_low(p_out, n_effective) AS p_low,
    share_high(p_out, n_effective) AS p_high,
    departures,
    persons_with_path AS segment_persons,
    golden_step
FROM named
JOIN segment_ways USING (as_of, segment)
LEFT JOIN golden_pairs USING (as_of, from_event, to_event)
ORDER BY as_of, segment, occurrences DESC, from_event, to_event
