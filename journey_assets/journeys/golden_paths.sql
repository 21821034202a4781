-- The readings of the golden path with their shares on both sides.
-- Reads: journey_golden (golden_paths.py); variable journeys_event_names; needs the Wilson macros.

SELECT
    as_of,
    reading,
    list_select(getvariable('journeys_event_names'), events) AS path,
    support_converters,
    support_non_converters,
    support_converters / nullif(converters, 0) AS share_converters,
    support_non_converters / nullif(non_converters, 0) AS share_non_converters,
    median_seconds,
    focus AS cohort,
    converters,
    non_converters,
    wilson_low(support_converters, converters) AS share_converters_low,
    wilson_high(support_converters, converters) AS share_converters_high,
    wilson_low(support_non_converters, non_converters) AS share_non_converters_low,
    wilson_high(support_non_converters, non_converters) AS share_non_converters_high,
    exact_converters,
    first_order_converters,
    probability,
    verdict,
    before_converters,
    before_non_converters,
    before_converters / nullif(converters, 0) AS before_share_converters,
    wilson_low(before_converters, converters) AS before_share_converters_low,
    wilson_high(before_converters, converters) AS before_share_converters_high,
    before_non_converters / nullif(non_converters, 0) AS before_share_non_converters,
    wilson_low(before_non_converters, non_converters) AS before_share_non_converters_low,
    wilson_high(before_non_converters, non_converters) AS before_share_non_converters_high
FROM journey_golden
ORDER BY as_of, focus, reading
