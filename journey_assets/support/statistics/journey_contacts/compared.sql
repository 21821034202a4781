-- Persons whose first visit of a state was before any conversion, with and without a contact at that
-- visit, how many of each converted later, and whether they are enough for a test.
-- Reads: journey_contact_compared, journey_contact_population; variable support_states;
--        needs the guards.
-- Leaves: compared_contacts (a row per as_of and state).

CREATE OR REPLACE TEMP TABLE compared_contacts AS
SELECT
    as_of,
    getvariable('support_states')[state] AS event_type,
    contacting AS compared_contacting,
    contacting_converters AS compared_contacting_converters,
    others AS compared_others,
    others_converters AS compared_others_converters,
    -- A state's persons on each side, and the signal's own guard: people who contact from it.
    enough_in_cohort(compared_others)
        AND enough_in_cohort(compared_contacting)
        AND enough_persons(compared_contacting, population)
        AND compared_contacting_converters + compared_others_converters
            BETWEEN 1 AND compared_contacting + compared_others - 1 AS enough
FROM journey_contact_compared
JOIN (
    SELECT as_of, sum(persons) AS population FROM journey_contact_population GROUP BY as_of
) USING (as_of);
