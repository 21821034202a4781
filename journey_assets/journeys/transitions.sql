-- Consecutive events per cohort, their share of all departures, and the exact quantiles of the time
-- between, which quantile_cont interpolates linearly. Departures are transitions, exits and
-- conversions; the last event of a censored or cut path is not seen to depart.
-- Reads: journey_cells, journey_steps.

WITH departures AS (
    SELECT as_of, cohort, event, sum(occurrences) AS departures
    FROM journey_cells
    WHERE next_event IS NOT NULL OR ending IN ('exit', 'conversion')
    GROUP BY ALL
),
seconds AS (
    SELECT
        as_of,
        cohort,
        event,
        next_event,
        quantile_cont(gap_ms, [0.5, 0.75, 0.9, 0.95]) AS quantiles_ms
    FROM journey_steps
    WHERE next_event IS NOT NULL
    GROUP BY ALL
)
SELECT
    as_of,
    cohort,
    origin.event_type AS from_event,
    target.event_type AS to_event,
    occurrences,
    persons,
    occurrences / departures AS p_out,
    wilson_low(occurrences, departures) AS p_low,
    wilson_high(occurrences, departures) AS p_high,
    quantiles_ms[1] / 1000 AS median_seconds,
    quantiles_ms[2] / 1000 AS p75_seconds,
    quantiles_ms[3] / 1000 AS p90_seconds,
    quantiles_ms[4] / 1000 AS p95_seconds,
    departures
FROM journey_cells
JOIN departures USING (as_of, cohort, event)
JOIN seconds USING (as_of, cohort, event, next_event)
JOIN journey_event_types AS origin USING (event)
JOIN journey_event_types AS target ON target.event = next_event
ORDER BY as_of, cohort, occurrences DESC, from_event, to_event
