-- Rework: how many persons of a cohort have an event again, and how many come back to it from another
-- event, with how many events lie between. Sorting by path and event once puts the visits of an event
-- side by side; two visits are a return unless one step follows the other.
-- Reads: journey_steps, journey_event_types.

WITH visits AS (
    SELECT
        as_of,
        cohort,
        path,
        event,
        CASE WHEN again AND step > last_step + 1 THEN step - last_step - 1 END AS steps_away
    FROM (
        SELECT
            *,
            lag(path) OVER () = path AND lag(event) OVER () = event AS again,
            lag(step) OVER () AS last_step
        FROM (
            SELECT path, as_of, cohort, event, step
            FROM journey_steps
            ORDER BY path, event, step
        )
    )
),
persons AS (
    SELECT as_of, cohort, event, path, count(*) AS visits, count(steps_away) AS returns
    FROM visits
    GROUP BY ALL
),
counts AS (
    SELECT
        as_of,
        cohort,
        event,
        count(*) AS persons_with,
        count(*) FILTER (visits > 1) AS persons_repeating,
        sum(visits - 1)::BIGINT AS repeats,
        count(*) FILTER (returns > 0) AS persons_returning,
        sum(returns)::BIGINT AS returns
    FROM persons
    GROUP BY ALL
),
distances AS (
    SELECT as_of, cohort, event, quantile_cont(steps_away, 0.5) AS median_steps_away
    FROM visits
    WHERE steps_away IS NOT NULL
    GROUP BY ALL
)
SELECT
    as_of,
    cohort,
    event_type,
    persons_with,
    persons_repeating,
    repeats,
    persons_returning,
    returns,
    persons_returning / persons_with AS return_share,
    wilson_low(persons_returning, persons_with) AS return_low,
    wilson_high(persons_returning, persons_with) AS return_high,
    median_steps_away
FROM counts
LEFT JOIN distances USING (as_of, cohort, event)
JOIN journey_event_types USING (event)
WHERE persons_repeating > 0
ORDER BY as_of, cohort, persons_returning DESC, event_type
