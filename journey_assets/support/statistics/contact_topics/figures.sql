-- Which topics, flows, results and shortcuts cluster at which state.
-- Reads: contact_values, topic_tests (as_of, test, event_type, kind, value, p_value, q_value),
--        topic_family (test, family_q);
--        needs the guards and the rate macros.

SELECT
    contact_values.* EXCLUDE (enough),
    rate(contacts, state_contacts) AS share,
    rate_low(contacts, state_contacts) AS share_low,
    rate_high(contacts, state_contacts) AS share_high,
    CASE WHEN enough THEN (contacts / state_contacts) / (value_contacts / all_contacts) END AS lift,
    p_value,
    q_value,
    family_q,
    CASE
        WHEN NOT enough THEN 'insufficient'
        WHEN significant(family_q) THEN 'clusters'
        ELSE 'no_cluster'
    END AS verdict
FROM contact_values
LEFT JOIN topic_tests USING (as_of, event_type, kind, value)
LEFT JOIN topic_family USING (test)
WHERE contacts > 0
ORDER BY as_of, event_type, kind, contacts DESC, value
