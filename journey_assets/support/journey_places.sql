-- The visits of a batch of as_ofs, and the conversations put to them: to the person's last event at or
-- before the conversation, of equal times the last in the path's order.
-- Reads: windows, stored_paths, contacts; variables support_first_as_of, support_last_as_of.
-- Leaves: support_visits (a row per event of a path; `visit` rises with time within a person),
--         support_places (a row per conversation with its state; `visit` NULL where there is none).

CREATE OR REPLACE TEMP TABLE support_visits AS
WITH numbered AS (
    SELECT
        *,
        row_number() OVER (ORDER BY as_of, person_id, session) AS path,
        -- Of the person: with JOURNEY_PATH_UNIT=session a path is a part of what a person did.
        min(converted_at) OVER person AS person_converted_at,
        bool_or(cohort = 'converter') OVER person AND min(converted_at) OVER person IS NULL
            AS conversion_unseen
    FROM stored_paths
    -- A day without any conversation says nothing of rates: support may not be connected.
    SEMI JOIN contacts USING (as_of)
    WINDOW person AS (PARTITION BY as_of, person_id)
),
unfolded AS (
    SELECT
        * EXCLUDE (events, times),
        unnest(events) AS event,
        unnest(times) AS happened_at,
        generate_subscripts(events, 1) AS position
    FROM numbered
)
SELECT
    (path << 32) | position AS visit,
    as_of,
    person_id,
    cohort,
    CASE
        WHEN position < n_events OR ending NOT IN ('conversion', 'cut') THEN event
        WHEN ending = 'conversion' THEN '(after conversion)'
        ELSE '(beyond the path)'
    END AS event_type,
    happened_at,
    person_converted_at AS converted_at,
    conversion_unseen
FROM unfolded;

CREATE OR REPLACE TEMP TABLE support_places AS
WITH moments AS (
    SELECT as_of, person_id, happened_at, max(visit) AS visit
    FROM support_visits
    SEMI JOIN contacts USING (as_of, person_id)
    GROUP BY ALL
),
travellers AS (
    SELECT as_of, person_id, first(cohort ORDER BY session) AS cohort
    FROM stored_paths
    SEMI JOIN contacts USING (as_of, person_id)
    GROUP BY as_of, person_id
),
placed AS (
    SELECT contacts.*, moments.visit
    FROM contacts
    ASOF LEFT JOIN moments
        ON contacts.as_of = moments.as_of
        AND contacts.person_id = moments.person_id
        AND contacts.created_at >= moments.happened_at
    WHERE contacts.as_of
        BETWEEN getvariable('support_first_as_of') AND getvariable('support_last_as_of')
)
SELECT
    placed.*,
    coalesce(support_visits.cohort, travellers.cohort) AS cohort,
    epoch_ms(placed.created_at) - epoch_ms(happened_at) AS waited_ms,
    CASE
        WHEN placed.person_id IS NULL THEN '(no person)'
        WHEN travellers.person_id IS NULL THEN '(no journey)'
        WHEN visit IS NULL THEN '(before the first event)'
        ELSE event_type
    END AS event_type
FROM placed
LEFT JOIN travellers USING (as_of, person_id)
LEFT JOIN support_visits USING (visit);
