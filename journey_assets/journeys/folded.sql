-- With JOURNEY_STEP_PROPERTY or JOURNEY_EVENT_LIMIT: rare values of a property, then rare events,
-- become one step of all others. What is frequent is judged for each as_of over the events of its
-- window, ties by name (codes rise with names). The events that paths convert, begin or end with are
-- never folded.
-- Reads: journey_step_counts (as_of, event, n), journey_values (event, other: the steps of a property's
--        values); $property_limit, $event_limit, $other, $fixed. Gives as_of, event, step.

WITH counted AS (
    SELECT as_of, event, n, list_contains($fixed::UINTEGER[], event) AS fixed
    FROM journey_step_counts
),
by_value AS (
    SELECT
        as_of,
        event,
        n,
        fixed,
        CASE
            WHEN other IS NOT NULL AND NOT fixed AND $property_limit
                < row_number() OVER (PARTITION BY as_of, other ORDER BY n DESC, event)
            THEN other
            ELSE event
        END AS step
    FROM counted
    LEFT JOIN journey_values USING (event)
),
ranked AS (
    SELECT
        as_of,
        step,
        bool_or(fixed) AS fixed,
        row_number() OVER (PARTITION BY as_of ORDER BY sum(n) DESC, step) AS rank
    FROM by_value
    GROUP BY as_of, step
)
SELECT
    as_of,
    event,
    CASE WHEN rank > $event_limit AND NOT ranked.fixed THEN $other ELSE step END AS step
FROM by_value
JOIN ranked USING (as_of, step)
