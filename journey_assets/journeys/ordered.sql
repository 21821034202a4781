-- The ordered form of one as_of: every journey statistic reads these two relations.
--
--   journey_persons  a row per person with a path: cohort, times, length, how the path ends
--   journey_steps    a row per event of a path: person, cohort, step (from 1), event, happened_at,
--                    next_event and gap_ms (milliseconds to it), both NULL at the path's end, where
--                    `ending` says how it ends (NULL before); a session ends where gap_ms is above
--                    the session gap
--
-- Persons (journey_names) and events (journey_event_types) are codes.
-- Reads: the tables of load.sql; variables journeys_as_of, journeys_first_day, journeys_by_lists,
--        journeys_conversion, journeys_max_events, journeys_session_gap_ms.
--
-- A plain sort and one pass of windows without ORDER BY is the cheapest form measured on 10 M events
-- when a path has no step limit: 6.3 s of CPU against 9.5 for sorted lists of packed keys (5.2 with
-- a limit of 30 steps) and 7.5 for windows with ORDER BY. Unlike packed keys it spills, needs no
-- bits for order and codes, and breaks ties exactly.

CREATE OR REPLACE TEMP TABLE journey_owners AS
SELECT
    amplitude_id,
    coalesce(known.person, names.person) AS person,
    known.person IS NULL AS unidentified
FROM journey_amplitude_ids
LEFT JOIN (FROM journey_identified WHERE as_of = getvariable('journeys_as_of')) AS known
    USING (amplitude_id)
LEFT JOIN journey_unidentified USING (amplitude_id)
LEFT JOIN journey_names AS names ON names.person_id = journey_unidentified.person_id;

-- Who is on a list: a person on both is a converter.
CREATE OR REPLACE TEMP TABLE journey_listed AS
SELECT person, bool_or(converter) AS converter
FROM journey_owners
JOIN journey_lists USING (amplitude_id)
WHERE as_of = getvariable('journeys_as_of')
GROUP BY person;

DELETE FROM journey_owners
WHERE getvariable('journeys_by_lists') AND person NOT IN (SELECT person FROM journey_listed);

-- Ties of time are broken by the vendor's order, those between two ids of a person by the id; never
-- by the event's name.
CREATE OR REPLACE TEMP TABLE journey_sorted AS
SELECT person, event, happened_at
FROM journey_events
JOIN journey_owners USING (amplitude_id)
WHERE happened_at >= getvariable('journeys_first_day')
    AND happened_at < getvariable('journeys_as_of') + 1
ORDER BY person, happened_at, source_order, amplitude_id;

-- A path is a slice of the rows: from the person's first to the last, to the first conversion where
-- that makes the cohort, and no further than the step limit.
CREATE OR REPLACE TEMP TABLE journey_persons AS
WITH persons AS (
    SELECT
        person,
        min(rowid) AS first_row,
        max(rowid) AS final_row,
        min(happened_at) AS started_at,
        max(happened_at) AS active_until,
        min(rowid) FILTER (event = getvariable('journeys_conversion')) AS conversion_row,
        max(rowid) FILTER (event = getvariable('journeys_conversion')) AS last_conversion_row,
        min(happened_at) FILTER (event = getvariable('journeys_conversion')) AS converted_at
    FROM journey_sorted
    GROUP BY person
),
cohorts AS (
    SELECT
        persons.*,
        coalesce(listed.converter, conversion_row IS NOT NULL) AS converter,
        CASE WHEN getvariable('journeys_by_lists') THEN final_row
            ELSE coalesce(conversion_row, final_row) END AS end_row
    FROM persons
    LEFT JOIN (FROM journey_listed WHERE getvariable('journeys_by_lists')) AS listed USING (person)
),
paths AS (
    SELECT *, least(end_row, first_row + getvariable('journeys_max_events') - 1) AS last_row
    FROM cohorts
)
SELECT
    person,
    (CASE WHEN converter THEN 'converter' ELSE 'non_converter' END)::journey_cohort AS cohort,
    started_at,
    converted_at,
    first_row,
    last_row,
    last_row - first_row + 1 AS n_events,
    (CASE
        WHEN last_row < end_row THEN 'cut'
        WHEN converter AND last_row IN (conversion_row, last_conversion_row) THEN 'conversion'
        WHEN epoch_ms(observed_until) - epoch_ms(active_until)
            <= getvariable('journeys_session_gap_ms') THEN 'censored'
        ELSE 'exit'
    END)::journey_ending AS ending
FROM paths
JOIN (FROM journey_observed WHERE as_of = getvariable('journeys_as_of')) ON true;

-- A window without ORDER BY follows the table's order and holds one row at a time.
CREATE OR REPLACE TEMP TABLE journey_steps AS
SELECT
    person,
    cohort,
    (position - first_row + 1)::UINTEGER AS step,
    event,
    happened_at,
    CASE WHEN position < last_row THEN next_event END AS next_event,
    CASE WHEN position < last_row THEN epoch_ms(next_at) - epoch_ms(happened_at) END AS gap_ms,
    CASE WHEN position = last_row THEN ending END AS ending
FROM (
    SELECT
        rowid AS position,
        person,
        event,
        happened_at,
        lead(event) OVER () AS next_event,
        lead(happened_at) OVER () AS next_at
    FROM journey_sorted
)
JOIN journey_persons USING (person)
WHERE position <= last_row;

DROP TABLE journey_sorted;
