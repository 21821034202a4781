-- The conversations with the states that they are put to.
-- Reads: contacts, journey_placed; variable support_states, the names of states by code.
-- Leaves: support_places (a row per as_of and conversation; `visited` where there is a visit).

CREATE OR REPLACE TEMP TABLE support_places AS
SELECT
    contacts.*,
    cohort::VARCHAR AS cohort,
    coalesce(state > 0, false) AS visited,
    CASE WHEN visited THEN waited_ms END AS waited_ms,
    CASE
        WHEN person_id IS NULL THEN '(no person)'
        WHEN state IS NULL THEN '(no journey)'
        WHEN state = 0 THEN '(before the first event)'
        ELSE getvariable('support_states')[state]
    END AS event_type
FROM contacts
LEFT JOIN journey_placed USING (contact);
