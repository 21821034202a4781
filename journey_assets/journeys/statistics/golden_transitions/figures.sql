-- The steps of the golden path: the conversion of persons who take each in their first session against
-- that of all others, and whether those who take it convert more afterwards.
-- Reads: journey_golden_steps (steps.sql); step_hazards, which tests.py leaves; step_family;
--        journey_event_types; needs the relative risk macros and those of hazards.

WITH judged AS (
    SELECT
        journey_golden_steps.*,
        step_hazards.* EXCLUDE (as_of, test, strata),
        step_hazards.strata AS visits_compared,
        family_q,
        untested IS NULL OR untested = 'no_conversion_event' AS described,
        CASE WHEN described THEN relative_risk(
            converters_with, persons_with, converters_without, persons_without
        ) END AS conversion_ratio,
        step_verdict(q_value, hr_low, hr_high) AS pooled_verdict,
        CASE WHEN p_value IS NOT NULL
            THEN step_verdict(stratified_q, stratified_low, stratified_high)
        END AS stratified_verdict,
        coalesce(untested, step_verdict(family_q, stratified_low, stratified_high)) AS verdict
    FROM journey_golden_steps
    LEFT JOIN step_hazards USING (test)
    LEFT JOIN step_family USING (test)
)
SELECT
    as_of,
    step,
    origins.event_type AS from_event,
    targets.event_type AS to_event,
    persons_with,
    converters_with,
    persons_without,
    converters_without,
    conversion_ratio,
    CASE WHEN described THEN relative_risk_low(
        converters_with, persons_with, converters_without, persons_without
    ) END AS ratio_low,
    CASE WHEN described THEN relative_risk_high(
        converters_with, persons_with, converters_without, persons_without
    ) END AS ratio_high,
    CASE WHEN described THEN relative_risk_interval(
        converters_with, persons_with, converters_without, persons_without
    ) END AS interval,
    verdict = 'converts_more' AND row_number() OVER (
        PARTITION BY as_of, focus, verdict ORDER BY stratified_ratio DESC NULLS LAST, step
    ) = 1 AS critical,
    verdict,
    focus AS cohort,
    p_value,
    q_value,
    hazard_ratio,
    hr_low,
    hr_high,
    hr_method,
    z,
    observed,
    expected,
    variance,
    visits_compared AS strata,
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
JOIN journey_event_types AS origins ON origins.event = from_event
JOIN journey_event_types AS targets ON targets.event = to_event
ORDER BY as_of, focus, step
