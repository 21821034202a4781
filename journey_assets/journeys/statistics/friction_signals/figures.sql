-- The rows of journeys.friction_signals: counts, ratios with their intervals, and verdicts.
-- The rate per visit is a ratio of sums over persons, R = Σx/Σv. Its logarithm has the variance
-- n/(n − 1) · Σ(x − R·v)²/(Σx)² over the n persons of a cohort (Cochran, Sampling Techniques, 1977,
-- 6.4), and the ratio of two cohorts the sum of theirs.
-- Reads: journey_friction (exposed.sql); friction_hazards, which tests.py leaves; friction_family;
--        variable journeys_z; needs the relative risk macros and significant.

WITH rates AS (
    SELECT
        journey_friction.*,
        friction_hazards.* EXCLUDE (as_of, test),
        family_q,
        untested IS NULL OR untested = 'no_conversion_event' AS described,
        converter_visits / converter_v AS converter_rate,
        non_converter_visits / non_converter_v AS non_converter_rate
    FROM journey_friction
    LEFT JOIN friction_hazards USING (test)
    LEFT JOIN friction_family USING (test)
),
ratios AS (
    SELECT
        *,
        non_converter_rate / converter_rate AS ratio_of_rates,
        sqrt(
            converters / (converters - 1) * (
                converter_xx
                - 2 * converter_rate * converter_xv
                + converter_rate ^ 2 * converter_vv
            ) / converter_visits ^ 2
            + non_converters / (non_converters - 1) * (
                non_converter_xx
                - 2 * non_converter_rate * non_converter_xv
                + non_converter_rate ^ 2 * non_converter_vv
            ) / non_converter_visits ^ 2
        ) AS rate_error
    FROM rates
    WHERE described AND converter_visits > 0 AND non_converter_visits > 0
),
judged AS (
    SELECT
        rates.*,
        ratio_of_rates,
        rate_error,
        CASE WHEN described THEN relative_risk(
            non_converters_with, non_converters, converters_with, converters
        ) END AS relative_risk,
        CASE WHEN described THEN relative_risk_low(
            non_converters_with, non_converters, converters_with, converters
        ) END AS rr_low,
        CASE WHEN described THEN relative_risk_high(
            non_converters_with, non_converters, converters_with, converters
        ) END AS rr_high,
        CASE WHEN described THEN relative_risk_interval(
            non_converters_with, non_converters, converters_with, converters
        ) END AS interval,
        hazard_verdict(q_value, hr_low, hr_high) AS pooled_verdict,
        CASE WHEN p_value IS NOT NULL
            THEN hazard_verdict(stratified_q, stratified_low, stratified_high)
        END AS stratified_verdict,
        coalesce(untested, hazard_verdict(family_q, stratified_low, stratified_high)) AS verdict
    FROM rates
    LEFT JOIN (SELECT test, ratio_of_rates, rate_error FROM ratios) USING (test)
)
SELECT
    as_of,
    event_type,
    non_converters_with,
    non_converters,
    converters_with,
    converters,
    relative_risk,
    rr_low,
    rr_high,
    p_value,
    q_value,
    verdict,
    focus AS cohort,
    CASE WHEN described THEN row_number() OVER (
        PARTITION BY as_of, focus, described
        ORDER BY
            list_position(
                ['friction', 'no_difference', 'with_conversion', 'no_conversion_event', 'insufficient'],
                verdict
            ),
            stratified_high NULLS LAST,
            rr_low DESC,
            event_type
    ) END AS rank,
    interval,
    non_converter_visits,
    converter_visits,
    ratio_of_rates AS rate_ratio,
    ratio_of_rates * exp(-getvariable('journeys_z') * rate_error) AS rate_low,
    ratio_of_rates * exp(getvariable('journeys_z') * rate_error) AS rate_high,
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
ORDER BY as_of, focus::VARCHAR, rank NULLS LAST, event_type
