-- The stages with who reaches them, and when. A path reaches a stage with its first event of it.
-- Reads: journey_stage_order (with its stages), journey_firsts, journey_paths, journey_event_types.

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
    SELECT as_of, focus, stage, path, cohort = focus AS converter, min(happened_at) AS arrived_at
    FROM journey_firsts
    JOIN journey_stage_order USING (as_of, event)
    GROUP BY ALL
),
reaches AS (
    SELECT
        as_of,
        focus,
        stage,
        count(*) FILTER (converter) AS persons_converters,
        count(*) FILTER (NOT converter) AS persons_non_converters,
        quantile_cont(epoch_ms(arrived_at) - epoch_ms(started_at), 0.5) FILTER (converter) / 1000
            AS median_seconds_from_start
    FROM arrivals
    JOIN journey_paths USING (as_of, path)
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
ORDER BY as_of, cohort, stage
