-- Every person's path, with its events' names.
-- Reads: journey_steps, journey_paths, journey_names; variables journeys_event_names,
--        journeys_session_gap_ms.

WITH lists AS (
    SELECT
        path,
        list(event ORDER BY step) AS events,
        -- In the order of the events: time never runs back along a path.
        list_sort(list(happened_at)) AS times,
        max(happened_at) AS ended_at,
        1 + count(*) FILTER (gap_ms > getvariable('journeys_session_gap_ms')) AS sessions
    FROM journey_steps
    GROUP BY path
),
both_forms AS (
    SELECT *, list_filter(events, lambda e, i: i = 1 OR e <> events[i - 1]) AS collapsed
    FROM lists
)
SELECT
    as_of,
    person_id,
    cohort,
    list_select(getvariable('journeys_event_names'), events) AS events,
    n_events,
    started_at,
    ended_at,
    converted_at,
    list_select(getvariable('journeys_event_names'), collapsed) AS collapsed_events,
    len(collapsed) AS n_collapsed,
    sessions,
    ending,
    times,
    session
FROM both_forms
JOIN journey_paths USING (path)
JOIN journey_names USING (person)
