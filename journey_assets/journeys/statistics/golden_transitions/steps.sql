-- The steps of the golden path, with the persons who take each in their first session and those who
-- do not, and how many of both convert.
-- Reads: journey_golden and journey_golden_takers (golden_paths), journey_populations; needs
--        is_outcome and enough_persons; variable journeys_conversion_known.
-- Leaves: journey_golden_steps (a row per as_of, focus and step; `untested` says why it is not tested).

CREATE OR REPLACE TEMP TABLE journey_golden_steps AS
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
)
SELECT
    *,
    dense_rank() OVER (ORDER BY as_of, focus)::BIGINT AS family,
    row_number() OVER ()::BIGINT AS test,
    CASE
        WHEN is_outcome(to_event) THEN 'outcome'
        WHEN least(persons_with, persons_without) = 0
            OR NOT enough_persons(least(persons_with, persons_without), persons)
            THEN 'insufficient'
        WHEN NOT getvariable('journeys_conversion_known') THEN 'no_conversion_event'
    END AS untested
FROM counted;
