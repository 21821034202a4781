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
        step_verdict(q_value, low, high) AS pooled_verdict,
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
    ratio AS hazard_ratio,
    low AS hr_low,
    high AS hr_high,
    CASE WHEN ratio IS NOT NULL THEN if(peto, 'peto', 'mantel_haenszel') END AS hr_method,
    z,
    observed,
    expected,
    variance,
    visits_compared AS strata,
    CASE WHEN p_value IS NOT NULL THEN stratified_by END AS stratified_by,
    CASE WHEN p_value IS NOT NULL THEN stratified_ratio END AS stratified_ratio,
    CASE WHEN p_value IS NOT NULL THEN stratified_low END AS stratified_low,
    CASE WHEN p_value IS NOT NULL THEN stratified_high END AS stratified_high,
    CASE WHEN p_value IS NOT NULL THEN stratified_p END AS stratified_p,
    CASE WHEN p_value IS NOT NULL THEN stratified_q END AS stratified_q,
    stratified_verdict,
    strata_differ(ratio, pooled_verdict, stratified_ratio, stratified_verdict) AS strata_differ,
    family_q
FROM judged
JOIN journey_event_types AS origins ON origins.event = from_event
JOIN journey_event_types AS targets ON targets.event = to_event
ORDER BY as_of, focus, step
