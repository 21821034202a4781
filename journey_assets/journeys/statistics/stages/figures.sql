-- The stages with who reaches them, and when. A path reaches a stage with its first event of it.
-- Reads: journey_stage_order (with its stages), journey_reaches, journey_event_types; needs
--        counted_quantile.

WITH stages AS (
    SELECT
        as_of,
        focus,
        stage,
        arg_max(event_type, (converters_with, -place)) AS label,
        list(event_type ORDER BY place) AS events,
        median(position) AS median_position,
        any_value(converters) AS converters,
        any_value(non_converters) AS non_converters
    FROM journey_stage_order
    JOIN journey_event_types USING (event)
    GROUP BY ALL
),
arrivals AS (
    SELECT
        * EXCLUDE (cohort),
        cohort = focus AS converter,
        sum(persons) OVER (PARTITION BY as_of, focus, stage, cohort = focus ORDER BY ms) AS upto,
        sum(persons) OVER (PARTITION BY as_of, focus, stage, cohort = focus) AS total
    FROM journey_reaches
),
reaches AS (
    SELECT
        as_of,
        focus,
        stage,
        coalesce(sum(persons) FILTER (converter), 0)::BIGINT AS persons_converters,
        coalesce(sum(persons) FILTER (NOT converter), 0)::BIGINT AS persons_non_converters
    FROM arrivals
    GROUP BY ALL
),
medians AS (
    SELECT
        as_of,
        focus,
        stage,
        counted_quantile(ms, upto, total, 0.5) / 1000 AS median_seconds_from_start
    FROM arrivals
    WHERE converter
    GROUP BY ALL
)
SELECT
    as_of,
    focus AS cohort,
    stage,
    label,
    events,
    persons_converters,
    persons_non_converters,
    median_seconds_from_start,
    converters,
    non_converters,
    persons_converters / converters AS share_converters,
    wilson_low(persons_converters, converters) AS share_converters_low,
    wilson_high(persons_converters, converters) AS share_converters_high,
    persons_non_converters / nullif(non_converters, 0) AS share_non_converters,
    wilson_low(persons_non_converters, non_converters) AS share_non_converters_low,
    wilson_high(persons_non_converters, non_converters) AS share_non_converters_high,
    median_position
FROM stages
JOIN reaches USING (as_of, focus, stage)
JOIN medians USING (as_of, focus, stage)
ORDER BY as_of, cohort, stage
