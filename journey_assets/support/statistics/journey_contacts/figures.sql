-- Contact rates by state and cohort, ratings and returns, and the relative risk of conversion. Visits of one
-- person are not independent: the interval of the contact rate is on the effective number of them.
-- Reads: journey_contact_visits, journey_contact_visitors, support_places, compared_contacts,
--        contact_tests (as_of, test, event_type, p_value, q_value), contact_family (test, family_q);
--        variables support_states, journeys_conversion_known; needs the guards, the rate and Wilson macros.

WITH visited AS (
    SELECT
        * REPLACE (cohort::VARCHAR AS cohort),
        getvariable('support_states')[state] AS event_type
    FROM journey_contact_visits
    UNION ALL BY NAME
    SELECT
        *,
        'all' AS cohort,
        getvariable('support_states')[state] AS event_type
    FROM journey_contact_visitors
),
conversed AS (
    SELECT
        as_of,
        event_type,
        CASE WHEN grouping(support_places.cohort) = 1 THEN 'all' ELSE support_places.cohort END
            AS cohort,
        count(*) AS conversations,
        quantile_cont(waited_ms, 0.5) / 1000 AS median_seconds,
        count(*) FILTER (rated) AS rated,
        count(*) FILTER (satisfied) AS satisfied,
        count(*) FILTER (followed) AS followed,
        count(*) FILTER (repeated) AS repeated
    FROM support_places
    GROUP BY GROUPING SETS ((as_of, event_type, support_places.cohort), (as_of, event_type))
    -- Who has no path has no cohort either, and is in the rows of all.
    HAVING grouping(support_places.cohort) = 1 OR support_places.cohort IS NOT NULL
),
compared AS (
    SELECT
        *,
        'all' AS cohort,
        CASE WHEN enough THEN ratio END AS relative_risk,
        CASE WHEN enough THEN ratio_low END AS rr_low,
        CASE WHEN enough THEN ratio_high END AS rr_high,
        CASE WHEN enough THEN 'matched' END AS rr_interval
    FROM compared_contacts
    LEFT JOIN contact_tests USING (as_of, event_type)
    LEFT JOIN contact_family USING (test)
    WHERE getvariable('journeys_conversion_known')
),
gathered AS (
    SELECT
        *,
        coalesce(conversations, 0) AS all_conversations,
        cohort = 'all' AND event_type NOT IN (
            '(after conversion)', '(beyond the path)', '(before the first event)', '(no journey)',
            '(no person)'
        ) AS is_state
    FROM visited
    FULL JOIN conversed USING (as_of, event_type, cohort)
    LEFT JOIN compared USING (as_of, event_type, cohort)
)
SELECT
    as_of,
    event_type,
    cohort,
    visits,
    contacts,
    rate(contacts, visits) AS contact_rate,
    design_effect(contacts, visits, persons, xx, xv, vv) AS deff,
    effective_number(contacts, visits, persons, xx, xv, vv) AS n_effective,
    CASE WHEN contact_rate IS NOT NULL THEN share_low(contacts / visits, n_effective) END
        AS contact_rate_low,
    CASE WHEN contact_rate IS NOT NULL THEN share_high(contacts / visits, n_effective) END
        AS contact_rate_high,
    relative_risk,
    rr_low,
    rr_high,
    q_value,
    family_q,
    p_value,
    rr_interval,
    CASE
        WHEN NOT is_state THEN 'not_compared'
        WHEN NOT getvariable('journeys_conversion_known') THEN 'no_conversion_event'
        WHEN p_value IS NULL THEN 'insufficient'
        WHEN NOT significant(family_q) THEN 'no_difference'
        WHEN relative_risk < 1 THEN 'fewer_convert'
        ELSE 'more_convert'
    END AS verdict,
    all_conversations AS conversations,
    persons,
    persons_contacting,
    rate(persons_contacting, persons) AS person_rate,
    rate_low(persons_contacting, persons) AS person_rate_low,
    rate_high(persons_contacting, persons) AS person_rate_high,
    compared_contacting,
    compared_contacting_converters,
    compared_others,
    compared_others_converters,
    median_seconds,
    coalesce(rated, 0) AS rated,
    coalesce(satisfied, 0) AS satisfied,
    rate(rated, conversations) AS response_rate,
    rate_low(rated, conversations) AS response_rate_low,
    rate_high(rated, conversations) AS response_rate_high,
    rate(satisfied, rated) AS csat,
    rate_low(satisfied, rated) AS csat_low,
    rate_high(satisfied, rated) AS csat_high,
    coalesce(followed, 0) AS followed,
    coalesce(repeated, 0) AS repeated,
    rate(repeated, followed) AS repeat_rate,
    rate_low(repeated, followed) AS repeat_rate_low,
    rate_high(repeated, followed) AS repeat_rate_high
FROM gathered
ORDER BY as_of, cohort, contacts DESC NULLS LAST, conversations DESC, event_type
