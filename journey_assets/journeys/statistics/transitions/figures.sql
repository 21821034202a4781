-- The share of all departures, and the quantiles of the time between. Departures are transitions, exits
-- and conversions; the last event of a censored or cut path is not seen to depart.
-- Departures of one person are not independent: the interval is on the effective number of them.
-- Reads: journey_cells, journey_states, journey_gap_quantiles (ranks.py), journey_event_types; needs
--        the Wilson macros.

WITH quantiles AS (
    SELECT * REPLACE (getvariable('journeys_cohorts')[cohort + 1]::journey_cohort AS cohort)
    FROM journey_gap_quantiles
)
SELECT
    as_of,
    cohort,
    origin.event_type AS from_event,
    target.event_type AS to_event,
    occurrences,
    cells.persons,
    occurrences / departures AS p_out,
    design_effect(occurrences, departures, departing, xx, xv, vv) AS deff,
    effective_number(occurrences, departures, departing, xx, xv, vv) AS n_effective,
    share_low(p_out, n_effective) AS p_low,
    share_high(p_out, n_effective) AS p_high,
    median_seconds,
    p75_seconds,
    p90_seconds,
    p95_seconds,
    departures
FROM journey_cells AS cells
JOIN journey_states USING (as_of, cohort, event)
JOIN quantiles USING (as_of, cohort, event, next_event)
JOIN journey_event_types AS origin USING (event)
JOIN journey_event_types AS target ON target.event = next_event
ORDER BY as_of, cohort, occurrences DESC, from_event, to_event
