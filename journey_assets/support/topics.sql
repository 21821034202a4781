-- What conversations were about: feedback topics, chosen search results and shortcuts, and whether
-- a search was typed (never what). Reads: contacts; needs the rate macros.
-- Leaves: result_support_topics.

CREATE OR REPLACE TEMP TABLE result_support_topics AS
WITH about AS (
    SELECT
        as_of, 'feedback_topic' AS kind, unnest(list_distinct(feedback_topics)) AS topic,
        flow_name, status, rated, satisfied
    FROM contacts
    UNION ALL BY NAME
    SELECT
        as_of, 'search_result' AS kind, search_result AS topic,
        flow_name, status, rated, satisfied
    FROM contacts
    UNION ALL BY NAME
    SELECT
        as_of, 'search_shortcut' AS kind, search_shortcut AS topic,
        flow_name, status, rated, satisfied
    FROM contacts
    UNION ALL BY NAME
    SELECT
        as_of, 'search' AS kind, CASE WHEN searched THEN 'asked' ELSE 'not asked' END AS topic,
        flow_name, status, rated, satisfied
    FROM contacts
),
flows AS (
    SELECT
        as_of,
        kind,
        topic,
        flow_name,
        count(*) AS conversations,
        count(*) FILTER (status = 'RESOLVED') AS resolved,
        count(*) FILTER (status = 'ESCALATED') AS escalated,
        count(*) FILTER (rated) AS rated,
        count(*) FILTER (satisfied) AS satisfied
    FROM about
    WHERE trim(topic) <> ''
    GROUP BY ALL
),
counted AS (
    SELECT
        as_of,
        kind,
        topic,
        sum(conversations)::BIGINT AS conversations,
        count(flow_name) AS flows,
        first(flow_name ORDER BY conversations DESC, flow_name) AS main_flow,
        max(conversations) AS main_flow_conversations,
        sum(resolved)::BIGINT AS resolved,
        sum(escalated)::BIGINT AS escalated,
        sum(rated)::BIGINT AS rated,
        sum(satisfied)::BIGINT AS satisfied
    FROM flows
    GROUP BY as_of, kind, topic
),
totals AS (
    SELECT as_of, count(*) AS all_conversations FROM contacts GROUP BY as_of
)
SELECT
    counted.*,
    all_conversations,
    rate(conversations, all_conversations) AS share,
    rate_low(conversations, all_conversations) AS share_low,
    rate_high(conversations, all_conversations) AS share_high,
    verdict(conversations) AS verdict,
    rate(escalated, conversations) AS escalation_rate,
    rate_low(escalated, conversations) AS escalation_rate_low,
    rate_high(escalated, conversations) AS escalation_rate_high,
    rate(satisfied, rated) AS csat,
    rate_low(satisfied, rated) AS csat_low,
    rate_high(satisfied, rated) AS csat_high
FROM counted
JOIN totals USING (as_of);
