-- The steps of the golden path, and the conversion of persons who take each in their first session
-- against that of all others.
-- Reads: journey_golden and journey_golden_takers (golden_paths), journey_populations,
--        journey_event_types; needs the relative risk macros, is_outcome and enough_persons.

WITH pairs AS (
    SELECT
        as_of,
        focus,
        unnest(range(1, len(events))) AS step,
        unnest(events[:-2]) AS from_event,
        unnest(events[2:]) AS to_event
    FROM journey_golden
    WHERE name = 'common_subsequence' AND len(events) > 1
),
takers AS (
    SELECT
        as_of,
        focus,
        step,
        sum(persons) AS persons_with,
        sum(persons) FILTER (cohort = focus) AS converters_with
    FROM journey_golden_takers
    GROUP BY ALL
),
counted AS (
    SELECT
        pairs.*,
        coalesce(persons_with, 0) AS persons_with,
        coalesce(converters_with, 0) AS converters_with,
        persons - coalesce(persons_with, 0) AS persons_without,
        converters - coalesce(converters_with, 0) AS converters_without,
        persons
    FROM pairs
    JOIN journey_populations USING (as_of, focus)
    LEFT JOIN takers USING (as_of, focus, step)
),
judged AS (
    SELECT
        *,
        CASE
            WHEN is_outcome(to_event) THEN 'outcome'
            WHEN least(persons_with, persons_without) = 0
                OR NOT enough_persons(least(persons_with, persons_without), persons)
                THEN 'insufficient'
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
