-- Persons whose first visit of a state was before any conversion, with and without a contact at that
-- visit, and how many of each converted later.
-- Reads: support_travellers, support_visits, support_places; variables support_min_cohort_persons,
--        support_min_persons, support_min_share.
-- Leaves: compared_contacts (a row per as_of and state).

CREATE OR REPLACE TEMP TABLE compared_contacts AS
WITH contacted AS (
    SELECT DISTINCT visit FROM support_places WHERE visit IS NOT NULL
),
firsts AS (
    SELECT as_of, event_type, person, min(visit) AS visit, min(happened_at) AS happened_at
    FROM support_visits
    WHERE event_type NOT IN ('(after conversion)', '(beyond the path)')
    GROUP BY as_of, event_type, person
),
counted AS (
    SELECT
        firsts.as_of,
        event_type,
        count(contacted.visit) AS compared_contacting,
        count(converted_at) FILTER (contacted.visit IS NOT NULL) AS compared_contacting_converters,
        count(*) FILTER (contacted.visit IS NULL) AS compared_others,
        count(converted_at) FILTER (contacted.visit IS NULL) AS compared_others_converters
    FROM firsts
    JOIN support_travellers USING (person)
    LEFT JOIN contacted USING (visit)
    WHERE NOT conversion_unseen AND (converted_at IS NULL OR happened_at < converted_at)
    GROUP BY firsts.as_of, event_type
),
populations AS (
    SELECT as_of, count(*) AS population FROM support_travellers GROUP BY as_of
)
SELECT
    counted.*,
    -- A state's persons on each side, and the signal's own guard: people who contact from it.
    compared_others >= getvariable('support_min_cohort_persons')
        AND compared_contacting >= getvariable('support_min_cohort_persons')
        AND compared_contacting >= least(
            getvariable('support_min_persons'), getvariable('support_min_share') * population
        )
        AND compared_contacting_converters + compared_others_converters
            BETWEEN 1 AND compared_contacting + compared_others - 1 AS enough
FROM counted
JOIN populations USING (as_of);
