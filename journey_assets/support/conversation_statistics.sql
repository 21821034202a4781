-- Conversations by flow and language: outcome, rating, search, return.
-- Reads: contacts; needs the rate macros. Leaves: result_support_conversation_statistics.

CREATE OR REPLACE TEMP TABLE result_support_conversation_statistics AS
WITH counted AS (
    SELECT
        as_of,
        flow_name,
        lang_code,
        count(*) AS conversations,
        count(*) FILTER (status = 'RESOLVED') AS resolved,
        count(*) FILTER (status = 'ESCALATED') AS escalated,
        count(*) FILTER (status = 'OPEN') AS open,
        count(*) FILTER (self_service) AS self_service,
        count(*) FILTER (rated) AS rated,
        count(*) FILTER (satisfied) AS satisfied,
        count(*) FILTER (searched) AS searched,
        count(person_id) AS identified,
        count(*) FILTER (followed) AS followed,
        count(*) FILTER (repeated) AS repeated
    FROM contacts
    GROUP BY as_of, flow_name, lang_code
)
SELECT
    *,
    conversations - resolved - escalated - open AS other_status,
    verdict(conversations) AS verdict,
    rate(resolved, conversations) AS resolution_rate,
    rate_low(resolved, conversations) AS resolution_rate_low,
    rate_high(resolved, conversations) AS resolution_rate_high,
    rate(escalated, conversations) AS escalation_rate,
    rate_low(escalated, conversations) AS escalation_rate_low,
    rate_high(escalated, conversations) AS escalation_rate_high,
    rate(self_service, conversations) AS self_service_rate,
    rate_low(self_service, conversations) AS self_service_rate_low,
    rate_high(self_service, conversations) AS self_service_rate_high,
    rate(rated, conversations) AS response_rate,
    rate_low(rated, conversations) AS response_rate_low,
    rate_high(rated, conversations) AS response_rate_high,
    rate(satisfied, rated) AS csat,
    rate_low(satisfied, rated) AS csat_low,
    rate_high(satisfied, rated) AS csat_high,
    rate(repeated, followed) AS repeat_rate,
    rate_low(repeated, followed) AS repeat_rate_low,
    rate_high(repeated, followed) AS repeat_rate_high
FROM counted;
