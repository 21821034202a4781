-- The events of a batch of as_ofs in the order of their persons and times.
--
-- Reads: the tables of load.sql; variables journeys_first_as_of and journeys_last_as_of (the batch).
-- Leaves: journey_sorted (path, event, happened_at; in order, rowid counts the positions),
--         journey_units (path, as_of, person, session, listed, unidentified), and, empty, what
--         optional settings fill: journey_ends (path, end_row), journey_lasting (path, active_until).
--
-- A plain sort and one pass of windows without ORDER BY is the cheapest form measured on 10 M events
-- when a path has no step limit: 6.3 s of CPU against 9.5 for sorted lists of packed keys (5.2 with
-- a limit of 30 steps) and 7.5 for windows with ORDER BY. Unlike packed keys it spills, needs no
-- bits for order and codes, and breaks ties exactly.

CREATE OR REPLACE TEMP TABLE journey_owned AS
SELECT
    as_of,
    id,
    coalesce(identified.person, unidentified.person) AS person,
    identified.person IS NULL AS unidentified
FROM (
    SELECT as_of, id
    FROM journey_windows, journey_ids
    WHERE as_of BETWEEN getvariable('journeys_first_as_of') AND getvariable('journeys_last_as_of')
)
LEFT JOIN journey_identified AS identified USING (as_of, id)
LEFT JOIN journey_unidentified AS unidentified USING (id);

-- Whose events count at which as_of. With lists it is who is on one; the label that a person on
-- several has is the first of journey_cohort.
CREATE OR REPLACE TEMP TABLE journey_owners AS
WITH listed AS (
    SELECT as_of, person, min(journey_lists.cohort) AS listed
    FROM journey_owned
    JOIN journey_lists USING (as_of, id)
    GROUP BY ALL
)
SELECT
    dense_rank() OVER (ORDER BY as_of, person)::UINTEGER AS path,
    journey_owned.*,
    first_day,
    listed
FROM journey_owned
JOIN journey_windows USING (as_of)
LEFT JOIN listed USING (as_of, person)
WHERE NOT by_lists OR listed IS NOT NULL;

-- Ties of time are broken by the vendor's order, those between two ids of a person by the id; never
-- by the event's name.
CREATE OR REPLACE TEMP TABLE journey_sorted AS
SELECT path, event, happened_at
FROM journey_events
JOIN journey_owners USING (id)
WHERE happened_at >= first_day AND happened_at < as_of + 1
ORDER BY path, happened_at, source_order, id;

CREATE OR REPLACE TEMP TABLE journey_units AS
SELECT path, as_of, person, 0::BIGINT AS session, listed, bool_or(unidentified) AS unidentified
FROM journey_owners
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE journey_ends (path UINTEGER, end_row BIGINT);
CREATE OR REPLACE TEMP TABLE journey_lasting (path UINTEGER, active_until TIMESTAMP);

DROP TABLE journey_owned;
DROP TABLE journey_owners;
