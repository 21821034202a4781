-- The tracked users of one snapshot: one row per requested id.
-- Reads named_users (one row per id and side that names it), known_users (resolved in earlier runs),
-- found_users (one row per match of an id looked up now), failed_users. A user whom both sides name
-- has no cohort: cohorts are computed at different moments, and an id of a list may be an Amplitude
-- ID. With labels ($labelled) every id keeps its own: which one counts is said where persons are known.
CREATE OR REPLACE TEMP TABLE result_raw_amplitude_users AS
WITH matches AS (
    SELECT requested_id, amplitude_id, user_id, NULL AS matched_by
    FROM named_users
    WHERE amplitude_id IS NOT NULL
    UNION
    SELECT requested_id, amplitude_id, user_id, matched_by
    FROM known_users SEMI JOIN named_users USING (requested_id)
    WHERE resolved
    UNION
    SELECT requested_id, amplitude_id, user_id, matched_by
    FROM found_users
),
resolved AS (
    SELECT
        requested_id,
        count(DISTINCT amplitude_id) AS candidates,
        min(amplitude_id) AS amplitude_id,
        min(user_id) AS user_id,
        min(matched_by) AS matched_by
    FROM matches
    GROUP BY requested_id
),
named AS (
    SELECT
        requested_id,
        cohort,
        CASE
            WHEN candidates = 1 THEN 'ok'
            WHEN candidates > 1 THEN 'ambiguous'
            WHEN requested_id IN (FROM failed_users) THEN 'failed'
            ELSE 'not_found'
        END AS status,
        CASE WHEN candidates = 1 THEN amplitude_id END AS amplitude_id,
        CASE WHEN candidates = 1 THEN user_id END AS user_id,
        CASE WHEN candidates = 1 THEN matched_by END AS matched_by
    FROM (SELECT DISTINCT requested_id, cohort FROM named_users) LEFT JOIN resolved USING (requested_id)
)
SELECT
    requested_id,
    any_value(amplitude_id) AS amplitude_id,
    any_value(tracked.user_id) AS user_id,
    CASE WHEN $labelled OR min(lowest) = max(highest) THEN min(cohort) END AS cohort,
    any_value(status) AS status,
    any_value(canonical_amplitude_id) AS canonical_amplitude_id,
    any_value(merged_amplitude_ids) AS merged_amplitude_ids,
    any_value(tracked.matched_by) AS matched_by
FROM (
    -- Sides that name the user, under whatever id.
    SELECT
        *,
        min(cohort) OVER same_user AS lowest,
        max(cohort) OVER same_user AS highest
    FROM named
    WINDOW same_user AS (PARTITION BY coalesce(amplitude_id::VARCHAR, 'id ' || requested_id))
) AS tracked
LEFT JOIN known_users USING (requested_id, amplitude_id)
GROUP BY requested_id;
