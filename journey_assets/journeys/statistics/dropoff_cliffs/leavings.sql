-- Visits whose end is known and those that end with an exit, per state and per arrival from another
-- state. What follows a visit that is censored or cut by a limit is not known: it is left out.
-- Reads: journey_states, journey_cells, journey_arrivals, journey_leavings_within, journey_cohorts,
--        journey_event_types; needs enough_persons, design_effect and effective_number.
-- Leaves: journey_leavings (a row per as_of, cohort with exits, from_event and to_event, which is NULL
--         for states; with the totals of the cohort);
--         journey_strata_leavings (test, platform, country, visits, exits: of what is tested);
--         journey_strata_visits (family, platform, country, visits, exits: of the whole cohort).

CREATE OR REPLACE TEMP TABLE journey_leavings AS
WITH exits AS (
    SELECT as_of, cohort, event, occurrences AS exits, xv
    FROM journey_cells
    WHERE ending = 'exit'
),
states AS (
    SELECT
        as_of,
        cohort,
        event AS origin,
        NULL::UINTEGER AS target,
        departures AS visits,
        departing AS persons,
        coalesce(exits, 0) AS exits,
        coalesce(xv, 0) AS xv,
        vv
    FROM journey_states
    LEFT JOIN exits USING (as_of, cohort, event)
    WHERE departures > 0
),
pairs AS (
    SELECT as_of, cohort, event AS origin, next_event AS target, visits, persons, exits, xv, vv
    FROM journey_arrivals
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
populations AS (
    SELECT as_of, sum(persons)::BIGINT AS population FROM journey_cohorts GROUP BY as_of
)
SELECT
    row_number() OVER ()::BIGINT AS test,
    dense_rank() OVER (ORDER BY as_of, cohort, target IS NULL)::BIGINT AS family,
    as_of,
    cohort,
    origin,
    target,
    origins.event_type AS from_event,
    targets.event_type AS to_event,
    visits,
    persons,
    exits,
    cohort_exits,
    cohort_visits,
    -- Nobody exits twice on a path: the sum of squares is the sum.
    design_effect(exits, visits, persons, exits, xv, vv) AS deff,
    effective_number(exits, visits, persons, exits, xv, vv) AS n_effective,
    enough_persons(persons, population) AS tested
FROM (FROM states UNION ALL FROM pairs)
JOIN cohorts USING (as_of, cohort)
JOIN populations USING (as_of)
JOIN journey_event_types AS origins ON origins.event = origin
LEFT JOIN journey_event_types AS targets ON targets.event = target;

CREATE OR REPLACE TEMP TABLE journey_strata_visits AS
SELECT
    family,
    platform,
    country,
    sum(visits)::BIGINT AS visits,
    sum(exits)::BIGINT AS exits
FROM journey_leavings_within
JOIN (SELECT DISTINCT as_of, cohort, family FROM journey_leavings) USING (as_of, cohort)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE journey_strata_leavings AS
SELECT
    test,
    family,
    platform,
    country,
    sum(within.visits)::BIGINT AS visits,
    sum(within.exits)::BIGINT AS exits
FROM journey_leavings AS leavings
-- Of a pair the visits that come from its first event, of a state all.
JOIN journey_leavings_within AS within
    ON within.as_of = leavings.as_of
    AND within.cohort = leavings.cohort
    AND within.event = coalesce(leavings.target, leavings.origin)
    AND (leavings.target IS NULL OR within.origin = leavings.origin)
WHERE tested
GROUP BY ALL;
