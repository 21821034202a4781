-- The rows of journeys.discriminating_subsequences, with the names of their events.
-- Reads: journey_subsequences_chosen (chosen.sql); subsequence_hazards, which tests.py leaves;
--        subsequence_family; journey_common_events, journey_event_types; needs the macros of hazards.

WITH named AS (
    SELECT as_of, place, event_type
    FROM journey_common_events
    JOIN journey_event_types USING (event)
),
spelt AS (
    SELECT as_of, test, list(event_type ORDER BY digit) AS subsequence
    FROM (
        SELECT as_of, test, digit, exposure // (9 ^ (3 - digit))::BIGINT % 9 AS place
        FROM journey_subsequences_chosen, range(1, 4) AS digits(digit)
    )
    JOIN named USING (as_of, place)
    GROUP BY ALL
),
judged AS (
    SELECT
        chosen.*,
        subsequence,
        hazards.* EXCLUDE (as_of, test),
        family_q,
        step_verdict(q_value, hr_low, hr_high) AS pooled_verdict,
        CASE WHEN p_value IS NOT NULL
            THEN step_verdict(stratified_q, stratified_low, stratified_high)
        END AS stratified_verdict,
        coalesce(untested, step_verdict(family_q, stratified_low, stratified_high)) AS verdict
    FROM journey_subsequences_chosen AS chosen
    JOIN spelt USING (as_of, test)
    LEFT JOIN subsequence_hazards AS hazards USING (test)
    LEFT JOIN subsequence_family USING (test)
)
SELECT
    as_of,
    focus AS cohort,
    row_number() OVER (
        PARTITION BY as_of, focus
        ORDER BY
            verdict NOT IN ('converts_more', 'converts_less'),
            abs(ln(stratified_ratio)) DESC NULLS LAST,
            subsequence
    ) AS rank,
    subsequence,
    converters_with,
    converters,
    converters_with / nullif(converters, 0) AS share_converters,
    non_converters_with,
    non_converters,
    non_converters_with / nullif(non_converters, 0) AS share_non_converters,
    p_value,
    q_value,
    verdict,
    hazard_ratio,
    hr_low,
    hr_high,
    hr_method,
    z,
    observed,
    expected,
    variance,
    strata,
    stratified_by,
    stratified_ratio,
    stratified_low,
    stratified_high,
    stratified_p,
    stratified_q,
    stratified_verdict,
    strata_differ(hazard_ratio, pooled_verdict, stratified_ratio, stratified_verdict) AS strata_differ,
    family_q
FROM judged
ORDER BY as_of, focus::VARCHAR, rank
