-- The rows of journeys.changes.
-- Reads: change_compared (compared.sql, tests.py), change_tests (tests.py), change_family; needs
--        significant.

SELECT
    as_of,
    figure,
    event_type,
    to_event,
    then_value,
    now_value,
    now_value - then_value AS difference,
    low,
    high,
    p_value,
    q_value,
    family_q,
    CASE
        WHEN untested IS NOT NULL THEN untested
        WHEN NOT significant(family_q) THEN 'no_difference'
        WHEN now_value > then_value THEN 'higher'
        ELSE 'lower'
    END AS verdict,
    then_first,
    then_last,
    then_stored AS then_days,
    now_first,
    now_last,
    now_stored AS now_days,
    then_n::BIGINT AS then_persons,
    then_v::BIGINT AS then_visits,
    now_n::BIGINT AS now_persons,
    now_v::BIGINT AS now_visits
FROM change_compared
LEFT JOIN (SELECT * EXCLUDE (as_of) FROM change_tests) USING (test)
LEFT JOIN change_family USING (test)
ORDER BY as_of, figure, event_type, to_event
