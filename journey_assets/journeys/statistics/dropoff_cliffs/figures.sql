-- The rows of journeys.dropoff_cliffs: exit rates with their intervals, verdicts and ranks. All
-- states, and the pairs where somebody leaves (all of them are tested).
-- Reads: journey_leavings (leavings.sql); cliff_found, which tests.py leaves; cliff_family; needs the
--        Wilson macros and significant.

SELECT
    journey_leavings.as_of,
    from_event,
    to_event,
    exits,
    visits,
    CASE WHEN tested THEN exits / visits END AS exit_rate,
    CASE WHEN tested THEN journey_leavings.deff END AS deff,
    CASE WHEN tested THEN journey_leavings.n_effective END AS n_effective,
    share_low(exit_rate, journey_leavings.n_effective) AS exit_low,
    share_high(exit_rate, journey_leavings.n_effective) AS exit_high,
    exits / cohort_exits AS share_of_exits,
    CASE WHEN tested THEN row_number() OVER (
        PARTITION BY family, tested
        ORDER BY exits::DOUBLE * exits / visits DESC, from_event, to_event
    ) END AS rank,
    cohort,
    persons,
    cohort_exits,
    cohort_exits / cohort_visits AS cohort_exit_rate,
    CASE
        WHEN NOT tested OR stratified_p IS NULL THEN 'insufficient'
        WHEN significant(family_q) THEN 'cliff'
        ELSE 'no_cliff'
    END AS verdict,
    p_value,
    q_value,
    stratified_by,
    stratified_ratio,
    stratified_p,
    stratified_q,
    CASE
        WHEN stratified_by IS NULL THEN NULL
        WHEN stratified_p IS NULL THEN 'insufficient'
        WHEN significant(stratified_q) THEN 'cliff'
        ELSE 'no_cliff'
    END AS stratified_verdict,
    if(significant(q_value), 'cliff', 'no_cliff') <> stratified_verdict AS strata_differ,
    family_q
FROM journey_leavings
LEFT JOIN (SELECT * EXCLUDE (as_of) FROM cliff_found) USING (test)
LEFT JOIN cliff_family USING (test)
WHERE to_event IS NULL OR exits > 0
ORDER BY journey_leavings.as_of, cohort::VARCHAR, to_event IS NOT NULL, rank NULLS LAST, from_event, to_event
