-- Reads: journey_walked, journey_names; variables journeys_event_names,
--        journeys_platforms, journeys_countries.

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
    session,
    newcomer,
    compared,
    heavy,
    list_extract(getvariable('journeys_platforms'), platform) AS platform,
    list_extract(getvariable('journeys_countries'), country) AS country
FROM journey_walked
JOIN journey_names USING (person)
