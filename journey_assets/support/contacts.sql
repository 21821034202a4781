-- The conversations of each as_of's window, with what the statistics ask of each.
-- Reads: windows, support_conversations, support_sessions, support_persons; needs one_line.
-- Leaves: contacts (a row per as_of and conversation; `contact` numbers them).

CREATE OR REPLACE TEMP TABLE contacts AS
WITH live AS (
    SELECT assistant_conversation_id AS id, min(session_date) AS first_live
    FROM support_sessions
    GROUP BY ALL
),
persons AS (
    SELECT as_of, id_value AS id, any_value(person_id) AS person_id
    FROM support_persons
    GROUP BY ALL
),
windowed AS (
    SELECT
        windows.as_of,
        conversations.id,
        created_at,
        flow_name,
        lang_code,
        status,
        feedback_rating BETWEEN 1 AND 4 AS rated,
        feedback_rating IN (3, 4) AS satisfied,
        -- Two witnesses: the conversation's own field, and a session that is stored.
        status = 'RESOLVED'
            AND latest_live_support_session_status IS NULL
            AND coalesce(first_live > windows.as_of, true) AS self_service,
        coalesce(trim(latest_search_query), '') <> '' AS searched,
        one_line(latest_search_result_chosen) AS search_result,
        one_line(latest_search_shortcut_chosen) AS search_shortcut,
        list_transform(feedback_topics, lambda topic: one_line(topic)) AS feedback_topics,
        person_id
    FROM windows
    JOIN support_conversations AS conversations
        ON conversation_date BETWEEN first_day AND windows.as_of
    LEFT JOIN live USING (id)
    LEFT JOIN persons ON persons.as_of = windows.as_of AND persons.id = conversations.id
)
SELECT
    *,
    row_number() OVER () AS contact,
    -- Whether a return within 7 days is known yet at the end of as_of.
    person_id IS NOT NULL
        AND created_at + INTERVAL 7 DAY <= as_of + INTERVAL 1 DAY AS followed,
    followed AND coalesce(
        lead(created_at) OVER same_flow <= created_at + INTERVAL 7 DAY, false
    ) AS repeated
FROM windowed
WINDOW same_flow AS (PARTITION BY as_of, person_id, flow_name ORDER BY created_at, id);
