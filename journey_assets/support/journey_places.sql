-- The visits of a batch of as_ofs, and the conversations put to them: to the person's last event at or
-- before the conversation, of equal times the last in the path's order.
-- Reads: stored_paths, contacts; variables support_first_as_of, support_last_as_of.
-- Leaves: support_travellers (a row per as_of and person with a path; `person` is a code),
--         support_visits (a row per event of a path; `visit` rises with time within a person),
--         support_places (a row per conversation with its state; `visit` NULL where there is none).

CREATE OR REPLACE TEMP TABLE support_travellers AS
SELECT
    row_number() OVER (ORDER BY as_of, person_id) AS person,
    as_of,
    person_id,
    first(cohort ORDER BY session) AS cohort,
    -- Of the person: with JOURNEY_PATH_UNIT=session a path is a part of what a person did.
    min(converted_at) AS converted_at,
    bool_or(cohort = 'converter') AND min(converted_at) IS NULL AS conversion_unseen
FROM stored_paths
-- A day without any conversation says nothing of rates: support may not be connected.
SEMI JOIN contacts USING (as_of)
GROUP BY as_of, person_id;

CREATE OR REPLACE TEMP TABLE support_visits AS
WITH unfolded AS (
    SELECT
        row_number() OVER (ORDER BY person, session) AS path,
        person,
        as_of,
        stored_paths.cohort,
        n_events,
        ending,
        events,
        times
    FROM stored_paths
    JOIN support_travellers USING (as_of, person_id)
)
SELECT
    (path << 32) | position AS visit,
    person,
    as_of,
    cohort,
    CASE
        WHEN position < n_events OR ending NOT IN ('conversion', 'cut') THEN event
        WHEN ending = 'conversion' THEN '(after conversion)'
        ELSE '(beyond the path)'
    END AS event_type,
    happened_at
FROM (
    SELECT
        * EXCLUDE (events, times),
        unnest(events) AS event,
        unnest(times) AS happened_at,
        generate_subscripts(events, 1) AS position
    FROM unfolded
);

CREATE OR REPLACE TEMP TABLE support_places AS
WITH known AS (
    SELECT contacts.*, person, cohort
    FROM contacts
    LEFT JOIN support_travellers USING (as_of, person_id)
    WHERE as_of BETWEEN getvariable('support_first_as_of') AND getvariable('support_last_as_of')
),
moments AS (
    SELECT person, happened_at, max(visit) AS visit
    FROM support_visits
    SEMI JOIN known USING (person)
    GROUP BY ALL
),
placed AS (
    SELECT known.*, moments.visit
    FROM known
    ASOF LEFT JOIN moments
        ON known.person = moments.person AND known.created_at >= moments.happened_at
)
SELECT
    placed.* EXCLUDE (cohort),
    coalesce(support_visits.cohort, placed.cohort) AS cohort,
    epoch_ms(placed.created_at) - epoch_ms(happened_at) AS waited_ms,
    CASE
        WHEN placed.person_id IS NULL THEN '(no person)'
        WHEN placed.person IS NULL THEN '(no journey)'
        WHEN visit IS NULL THEN '(before the first event)'
        ELSE event_type
    END AS event_type
FROM placed
LEFT JOIN support_visits USING (visit);
