-- The share of all departures, and the exact quantiles of the time between, which interpolate linearly.
-- Departures are transitions, exits and conversions; the last event of a censored or cut path is not
-- seen to depart.
-- Reads: journey_cells, journey_states, journey_event_types; journey_gaps and journey_gap_ranks, which
--        name the ranks that quantiles lie between.

WITH gaps AS (
    SELECT
        *,
        before + sum(n) OVER (
            PARTITION BY as_of, cohort, event, next_event, bucket ORDER BY ms
        ) AS upto
    FROM journey_gaps
    JOIN (
        SELECT DISTINCT as_of, cohort, event, next_event, bucket, before, total
        FROM journey_gap_ranks
    ) USING (as_of, cohort, event, next_event, bucket)
),
seconds AS (
    SELECT
        as_of,
        cohort,
        event,
        next_event,
        counted_quantile(ms, upto, total, 0.5) / 1000 AS median_seconds,
        counted_quantile(ms, upto, total, 0.75) / 1000 AS p75_seconds,
        counted_quantile(ms, upto, total, 0.9) / 1000 AS p90_seconds,
        counted_quantile(ms, upto, total, 0.95) / 1000 AS p95_seconds
    FROM gaps
    GROUP BY ALL
)
SELECT
    as_of,
    cohort,
    origin.event_type AS from_event,
    target.event_type AS to_event,
    occurrences,
    cells.persons,
    occurrences / departures AS p_out,
    wilson_low(occurrences, departures) AS p_low,
    wilson_high(occurrences, departures) AS p_high,
    median_seconds,
    p75_seconds,
    p90_seconds,
    p95_seconds,
    departures
FROM journey_cells AS cells
JOIN journey_states USING (as_of, cohort, event)
JOIN seconds USING (as_of, cohort, event, next_event)
JOIN journey_event_types AS origin USING (event)
JOIN journey_event_types AS target ON target.event = next_event
ORDER BY as_of, cohort, occurrences DESC, from_event, to_event
