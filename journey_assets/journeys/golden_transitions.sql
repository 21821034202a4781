-- The steps of the golden path, and the conversion of persons who take each in their first session
-- against that of all others.
-- Reads: journey_golden (golden_paths.py), journey_steps, journey_paths, journey_event_types;
--        variables journeys_session_gap_ms, journeys_conversion, journeys_min_persons,
--        journeys_min_share; needs the relative risk macros.

WITH pairs AS (
    SELECT
        as_of,
        focus,
        unnest(range(1, len(events))) AS step,
        unnest(events[:-2]) AS from_event,
        unnest(events[2:]) AS to_event
    FROM journey_golden
    WHERE reading = 'common_subsequence' AND len(events) > 1
),
-- The first session lasts until the first gap above the limit, else to the path's end.
sessions AS (
    SELECT path, min(step) AS last_step
    FROM journey_steps
    WHERE gap_ms > getvariable('journeys_session_gap_ms') OR next_event IS NULL
    GROUP BY path
),
visits AS (
    SELECT path, as_of, cohort, event, min(step) AS first_step, max(step) AS last_step
    FROM journey_steps
    JOIN sessions USING (path)
    WHERE step <= sessions.last_step
    GROUP BY ALL
),
takers AS (
    SELECT
        pairs.as_of,
        focus,
        pairs.step,
        count(*) AS persons_with,
        count(*) FILTER (origin.cohort::VARCHAR = focus) AS converters_with
    FROM pairs
    JOIN visits AS origin ON origin.as_of = pairs.as_of AND origin.event = from_event
    JOIN visits AS target ON target.path = origin.path AND target.event = to_event
    WHERE origin.first_step < target.last_step
    GROUP BY ALL
),
populations AS (
    SELECT
        as_of,
        focus,
        count(*) AS persons,
        count(*) FILTER (cohort::VARCHAR = focus) AS converters
    FROM journey_paths
    JOIN (SELECT DISTINCT as_of, focus FROM pairs) USING (as_of)
    GROUP BY ALL
),
counted AS (
    SELECT
        pairs.*,
        coalesce(persons_with, 0) AS persons_with,
        coalesce(converters_with, 0) AS converters_with,
        persons - coalesce(persons_with, 0) AS persons_without,
        converters - coalesce(converters_with, 0) AS converters_without,
        least(getvariable('journeys_min_persons'), getvariable('journeys_min_share') * persons)
            AS fewest
    FROM pairs
    JOIN populations USING (as_of, focus)
    LEFT JOIN takers USING (as_of, focus, step)
),
judged AS (
    SELECT
        *,
        CASE
            WHEN to_event IS NOT DISTINCT FROM getvariable('journeys_conversion') THEN 'outcome'
            WHEN least(persons_with, persons_without) < greatest(fewest, 1) THEN 'insufficient'
            ELSE 'measured'
        END AS verdict
    FROM counted
),
rated AS (
    SELECT
        *,
        verdict = 'measured' AS measured,
        CASE WHEN measured THEN relative_risk(
            converters_with, persons_with, converters_without, persons_without
        ) END AS conversion_ratio
    FROM judged
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
    CASE WHEN measured THEN relative_risk_low(
        converters_with, persons_with, converters_without, persons_without
    ) END AS ratio_low,
    CASE WHEN measured THEN relative_risk_high(
        converters_with, persons_with, converters_without, persons_without
    ) END AS ratio_high,
    CASE WHEN measured THEN relative_risk_interval(
        converters_with, persons_with, converters_without, persons_without
    ) END AS interval,
    measured AND row_number() OVER (
        PARTITION BY as_of, focus ORDER BY conversion_ratio DESC NULLS LAST, step
    ) = 1 AS critical,
    verdict,
    focus AS cohort
FROM rated
JOIN journey_event_types AS origins ON origins.event = from_event
JOIN journey_event_types AS targets ON targets.event = to_event
ORDER BY as_of, focus, step
