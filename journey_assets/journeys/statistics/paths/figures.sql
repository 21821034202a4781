-- Reads: journey_walked, journey_names; variable journeys_event_names.

SELECT
    as_of,
    person_id,
    cohort,
    list_select(getvariable('journeys_event_names'), events) AS events,
    len(events) AS n_events,
    started_at,
    ended_at,
    converted_at,
    list_select(getvariable('journeys_event_names'), collapsed) AS collapsed_events,
    len(collapsed) AS n_collapsed,
    sessions,
    ending,
    times,
    session
FROM journey_walked
JOIN journey_names USING (person)
