-- The sums of one period, over all cohorts: a person is of one. x of v visits, and the sums of squares
-- and products over the n persons with any; `cases`: the persons with an x.
-- Reads: journey_period_paths, journey_states, journey_cells, journey_period_lives,
--        journey_event_types, change_counted (as_of, counted: the as_of of the counts); variables
--        changes_period, journeys_conversion_known; needs is_outcome.
-- Leaves: rows of change_sums and change_lives.

INSERT INTO change_sums
WITH people AS (
    SELECT
        as_of AS counted,
        sum(paths) AS population,
        sum(converted) AS converted,
        sum(events) AS events,
        sum(squares) AS squares
    FROM journey_period_paths
    GROUP BY ALL
),
states AS (
    SELECT
        as_of AS counted,
        event,
        sum(persons) AS persons,
        sum(departing) AS n,
        sum(departures) AS v,
        sum(vv) AS vv
    FROM journey_states
    WHERE NOT is_outcome(event)
    GROUP BY ALL
),
cells AS (
    SELECT
        as_of AS counted,
        event,
        next_event,
        ending,
        sum(persons) AS cases,
        sum(occurrences) AS x,
        sum(xx) AS xx,
        sum(xv) AS xv
    FROM journey_cells
    WHERE ending IS NULL OR ending = 'exit'
    GROUP BY ALL
),
shares AS (
    SELECT counted, 'conversion_rate' AS figure, NULL::UINTEGER AS event, converted AS x
    FROM people
    WHERE getvariable('journeys_conversion_known')
    UNION ALL
    SELECT counted, 'event_share', event, persons
    FROM states
),
figures AS (
    -- Of persons: each has one visit, or none.
    SELECT
        counted,
        figure,
        event,
        NULL::UINTEGER AS next_event,
        population AS n,
        x AS cases,
        x,
        population AS v,
        x AS xx,
        x AS xv,
        population AS vv
    FROM shares
    JOIN people USING (counted)
    UNION ALL
    SELECT
        counted,
        'events_per_person',
        NULL,
        NULL,
        population,
        population,
        events,
        population,
        squares,
        events,
        population
    FROM people
    UNION ALL
    SELECT
        counted,
        'exit_rate',
        event,
        NULL,
        n,
        coalesce(cases, 0),
        coalesce(x, 0),
        v,
        coalesce(xx, 0),
        coalesce(xv, 0),
        vv
    FROM states
    LEFT JOIN (FROM cells WHERE ending = 'exit') AS exits USING (counted, event)
    WHERE v > 0
    UNION ALL
    SELECT counted, 'transition', event, cells.next_event, n, cases, x, v, xx, xv, vv
    FROM cells
    JOIN states USING (counted, event)
    WHERE ending IS NULL
)
SELECT
    as_of,
    getvariable('changes_period') AS period,
    figure,
    origins.event_type,
    targets.event_type AS to_event,
    population,
    n,
    cases,
    x,
    v,
    xx,
    xv,
    vv
FROM figures
JOIN people USING (counted)
JOIN change_counted USING (counted)
LEFT JOIN journey_event_types AS origins ON origins.event = figures.event
LEFT JOIN journey_event_types AS targets ON targets.event = figures.next_event;

INSERT INTO change_lives
SELECT change_counted.as_of, getvariable('changes_period') AS period, hours, converted, persons
FROM journey_period_lives
JOIN change_counted ON counted = journey_period_lives.as_of
WHERE getvariable('journeys_conversion_known');
