-- With JOURNEY_STEP_PROPERTY or JOURNEY_EVENT_LIMIT: rare values of a property, then rare events,
-- become one step of all others. What is frequent is judged for each as_of over the events of its
-- window, ties by name (codes rise with names). The events that paths convert, begin or end with are
-- never folded.
-- Reads and replaces: journey_sorted.
-- Reads: journey_units, journey_values (event, other: the steps of a property's values); variables
--        journeys_step_property_limit, journeys_event_limit, journeys_other, journeys_conversion,
--        journeys_start, journeys_end.

CREATE OR REPLACE TEMP TABLE journey_folds AS
WITH counted AS (
    SELECT
        as_of,
        event,
        count(*) AS n,
        coalesce(event IN (
            getvariable('journeys_conversion'),
            getvariable('journeys_start'),
            getvariable('journeys_end')
        ), false) AS fixed
    FROM journey_sorted
    JOIN journey_units USING (path)
    GROUP BY ALL
),
by_value AS (
    SELECT
        as_of,
        event,
        n,
        fixed,
        CASE
            WHEN other IS NOT NULL AND NOT fixed AND getvariable('journeys_step_property_limit')
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
    CASE
        WHEN rank > getvariable('journeys_event_limit') AND NOT ranked.fixed
        THEN getvariable('journeys_other')
        ELSE step
    END AS step
FROM by_value
JOIN ranked USING (as_of, step);

CREATE OR REPLACE TEMP TABLE journey_sorted AS
SELECT path, step AS event, happened_at
FROM (SELECT rowid AS position, * FROM journey_sorted)
JOIN journey_units USING (path)
JOIN journey_folds USING (as_of, event)
ORDER BY position;

DROP TABLE journey_folds;
