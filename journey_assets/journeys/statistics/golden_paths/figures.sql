-- The readings of the golden path with their shares on both sides.
-- Reads: journey_golden (readings.py), journey_golden_support, journey_golden_times,
--        journey_orders (of removal_effects),
--        journey_populations; variable journeys_event_names; needs the Wilson macros,
--        counted_quantile, chain_verdict, is_outcome and enough_in_cohort.

WITH supports AS (
    SELECT
        as_of,
        focus,
        reading,
        sum(persons) FILTER (cohort = focus) AS mine,
        sum(persons) FILTER (cohort <> focus) AS theirs,
        sum(before) FILTER (cohort = focus) AS mine_before,
        sum(before) FILTER (cohort <> focus) AS theirs_before
    FROM journey_golden_support
    GROUP BY ALL
),
timed AS (
    SELECT
        *,
        sum(persons) OVER (PARTITION BY as_of, focus, reading ORDER BY us) AS upto,
        sum(persons) OVER (PARTITION BY as_of, focus, reading) AS total
    FROM journey_golden_times
),
medians AS (
    SELECT
        as_of,
        focus,
        reading,
        CASE WHEN enough_in_cohort(any_value(total))
            THEN counted_quantile(us, upto, total, 0.5) / 1e6 END AS median_seconds
    FROM timed
    GROUP BY ALL
),
golden AS (
    SELECT
        *,
        is_outcome(events[-1]) AND len(events) > 1 AS ends_converted,
        CASE WHEN events IS NOT NULL THEN coalesce(mine, 0) END AS support_converters,
        CASE WHEN events IS NOT NULL THEN coalesce(theirs, 0) END AS support_non_converters,
        CASE WHEN ends_converted THEN coalesce(mine_before, 0) END AS before_converters,
        CASE WHEN ends_converted THEN coalesce(theirs_before, 0) END AS before_non_converters
    FROM journey_golden
    JOIN journey_populations USING (as_of, focus)
    LEFT JOIN supports USING (as_of, focus, reading)
    LEFT JOIN medians USING (as_of, focus, reading)
    LEFT JOIN journey_orders USING (as_of, focus)
)
SELECT
    as_of,
    name AS reading,
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
    CASE WHEN name = 'most_probable' THEN chain_verdict(chain_p) END AS chain,
    verdict,
    before_converters,
    before_non_converters,
    before_converters / nullif(converters, 0) AS before_share_converters,
    wilson_low(before_converters, converters) AS before_share_converters_low,
    wilson_high(before_converters, converters) AS before_share_converters_high,
    before_non_converters / nullif(non_converters, 0) AS before_share_non_converters,
    wilson_low(before_non_converters, non_converters) AS before_share_non_converters_low,
    wilson_high(before_non_converters, non_converters) AS before_share_non_converters_high
FROM golden
ORDER BY as_of, focus::VARCHAR, golden.reading
