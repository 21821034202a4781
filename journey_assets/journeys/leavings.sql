-- Visits whose end is known and those that end with an exit, per state and per arrival from another
-- state. What follows a visit that is censored or cut by a limit is not known: it is left out.
-- Reads: journey_steps, journey_paths, journey_event_types; variables journeys_min_persons,
--        journeys_min_share.
-- Leaves: journey_leavings (a row per as_of, cohort with exits, from_event and to_event, which is NULL
--         for states; with the totals of the cohort).

CREATE OR REPLACE TEMP TABLE journey_leavings AS
WITH ends AS (
    SELECT path, step, ending
    FROM journey_steps
    WHERE ending IS NOT NULL
),
states AS (
    SELECT
        as_of,
        cohort,
        event AS origin,
        NULL::UINTEGER AS target,
        count(*) AS visits,
        count(DISTINCT path) AS persons,
        count(*) FILTER (ending = 'exit') AS exits
    FROM journey_steps
    WHERE ending IS NULL OR ending NOT IN ('censored', 'cut')
    GROUP BY ALL
),
pairs AS (
    SELECT
        as_of,
        cohort,
        event AS origin,
        next_event AS target,
        count(*) AS visits,
        count(DISTINCT journey_steps.path) AS persons,
        count(*) FILTER (ends.ending = 'exit') AS exits
    FROM journey_steps
    LEFT JOIN ends ON ends.path = journey_steps.path AND ends.step = journey_steps.step + 1
    WHERE next_event IS NOT NULL AND (ends.ending IS NULL OR ends.ending NOT IN ('censored', 'cut'))
    GROUP BY ALL
),
cohorts AS (
    SELECT
        as_of,
        cohort,
        sum(exits)::BIGINT AS cohort_exits,
        sum(visits)::BIGINT AS cohort_visits
    FROM states
    GROUP BY ALL
    HAVING sum(exits) > 0
),
guards AS (
    SELECT
        as_of,
        least(getvariable('journeys_min_persons'), getvariable('journeys_min_share') * count(*))
            AS fewest_persons
    FROM journey_paths
    GROUP BY as_of
)
SELECT
    row_number() OVER ()::BIGINT AS test,
    dense_rank() OVER (ORDER BY as_of, cohort, target IS NULL)::BIGINT AS family,
    as_of,
    cohort,
    origins.event_type AS from_event,
    targets.event_type AS to_event,
    visits,
    persons,
    exits,
    cohort_exits,
    cohort_visits,
    persons >= fewest_persons AS tested
FROM (FROM states UNION ALL FROM pairs)
JOIN cohorts USING (as_of, cohort)
JOIN guards USING (as_of)
JOIN journey_event_types AS origins ON origins.event = origin
LEFT JOIN journey_event_types AS targets ON targets.event = target;
