-- How often each topic, flow, result and shortcut, and searching at all, meets each state: a person's
-- first conversation there that has a value of the kind.
-- Reads: support_places; needs one_line and the guards.
-- Leaves: contact_values (a row per state, kind and value that meet or could be tested).

CREATE OR REPLACE TEMP TABLE contact_values AS
WITH placed AS (
    SELECT * FROM support_places
    WHERE visited AND event_type <> '(beyond the path)'
),
given AS (
    SELECT
        as_of, event_type, person_id, created_at, id,
        'topic' AS kind, feedback_topics AS said
    FROM placed
    UNION ALL
    SELECT as_of, event_type, person_id, created_at, id, 'flow', [one_line(flow_name)] FROM placed
    UNION ALL
    SELECT as_of, event_type, person_id, created_at, id, 'search_result', [search_result]
    FROM placed
    UNION ALL
    SELECT as_of, event_type, person_id, created_at, id, 'search_shortcut', [search_shortcut]
    FROM placed
    UNION ALL
    SELECT
        as_of, event_type, person_id, created_at, id,
        'searched', [CASE WHEN searched THEN 'asked' ELSE 'not asked' END]
    FROM placed
),
firsts AS (
    SELECT as_of, event_type, kind, list_distinct(said) AS said
    FROM given
    WHERE len(list_distinct(said)) > 0
    QUALIFY row_number() OVER (
        PARTITION BY as_of, event_type, kind, person_id ORDER BY created_at, id
    ) = 1
),
kinds AS (
    SELECT as_of, kind, count(*) AS all_contacts FROM firsts GROUP BY ALL
),
states AS (
    SELECT
        as_of,
        kind,
        event_type,
        count(*) AS state_contacts,
        enough_in_cohort(count(*)) AND count(*) < all_contacts
            AS state_enough
    FROM firsts
    JOIN kinds USING (as_of, kind)
    GROUP BY as_of, kind, event_type, all_contacts
),
met AS (
    SELECT as_of, kind, event_type, value, count(*) AS contacts
    FROM (SELECT as_of, kind, event_type, unnest(said) AS value FROM firsts)
    GROUP BY ALL
),
valued AS (
    SELECT
        as_of,
        kind,
        value,
        all_contacts,
        sum(contacts)::BIGINT AS value_contacts,
        enough_in_cohort(sum(contacts)) AND sum(contacts) < all_contacts
            AS value_enough
    FROM met
    JOIN kinds USING (as_of, kind)
    GROUP BY as_of, kind, value, all_contacts
)
SELECT
    as_of,
    event_type,
    kind,
    value,
    coalesce(contacts, 0) AS contacts,
    state_contacts,
    value_contacts,
    all_contacts,
    state_enough AND value_enough AS enough
FROM states
JOIN valued USING (as_of, kind)
LEFT JOIN met USING (as_of, kind, event_type, value)
WHERE contacts > 0 OR (state_enough AND value_enough);
