-- The ordered form of a batch of as_ofs: every journey statistic reads these relations.
--
--   journey_paths  a row per path, which is a person's at one as_of: path (its code), as_of, person,
--                  session, unidentified, cohort, started_at, converted_at, first_row, last_row,
--                  final_row, n_events, ending
--   journey_steps  a row per event of a path: path, as_of, cohort, step (from 1), event,
--                  happened_at; next_event and gap_ms (milliseconds to it), both NULL at the path's
--                  end, where `ending` says how it ends (NULL before). A session ends where gap_ms
--                  is above the session gap.
--   journey_sorted path, event, happened_at: the events in order. A path is the slice from rowid
--                  first_row to last_row; up to final_row it goes on, had neither a conversion nor a
--                  limit ended it.
--   journey_comparisons  as_of, focus: the cohorts that are each compared with all others: of
--                  converters and non-converters the converters, else every label with a path.
--
-- Persons (journey_names) and events (journey_event_types) are codes.
-- Reads: the tables of load.sql; variables journeys_first_as_of and journeys_last_as_of (the batch),
--        journeys_conversion, journeys_max_events, journeys_session_gap_ms.
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

-- Whose events count at which as_of. With lists it is who is on one; a person on both converted.
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
    by_lists,
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

-- A path is a slice of the rows: from the person's first to the last, to the first conversion where
-- that makes the cohort, and no further than the step limit.
CREATE OR REPLACE TEMP TABLE journey_paths AS
WITH slices AS (
    SELECT
        path,
        min(rowid) AS first_row,
        max(rowid) AS final_row,
        min(happened_at) AS started_at,
        max(happened_at) AS active_until,
        min(rowid) FILTER (event = getvariable('journeys_conversion')) AS conversion_row,
        max(rowid) FILTER (event = getvariable('journeys_conversion')) AS last_conversion_row,
        min(happened_at) FILTER (event = getvariable('journeys_conversion')) AS converted_at
    FROM journey_sorted
    GROUP BY path
),
owners AS (
    SELECT path, as_of, person, listed, bool_or(unidentified) AS unidentified
    FROM journey_owners
    GROUP BY ALL
),
wholes AS (
    SELECT
        *,
        coalesce(
            listed,
            (CASE WHEN conversion_row IS NULL THEN 'non_converter' ELSE 'converter' END)::journey_cohort
        ) AS cohort,
        CASE WHEN by_lists THEN final_row ELSE coalesce(conversion_row, final_row) END AS end_row
    FROM slices
    JOIN owners USING (path)
    JOIN journey_windows USING (as_of)
),
cut AS (
    SELECT *, least(end_row, first_row + getvariable('journeys_max_events') - 1) AS last_row
    FROM wholes
)
SELECT
    path,
    as_of,
    person,
    0::BIGINT AS session,
    unidentified,
    cohort,
    started_at,
    converted_at,
    first_row,
    last_row,
    final_row,
    last_row - first_row + 1 AS n_events,
    (CASE
        WHEN last_row < end_row THEN 'cut'
        WHEN cohort = 'converter' AND last_row IN (conversion_row, last_conversion_row) THEN 'conversion'
        WHEN epoch_ms(observed_until) - epoch_ms(active_until)
            <= getvariable('journeys_session_gap_ms') THEN 'censored'
        ELSE 'exit'
    END)::journey_ending AS ending
FROM cut;

-- A window without ORDER BY follows the table's order and holds one row at a time.
CREATE OR REPLACE TEMP TABLE journey_steps AS
SELECT
    path,
    as_of,
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
        path,
        event,
        happened_at,
        lead(event) OVER () AS next_event,
        lead(happened_at) OVER () AS next_at
    FROM journey_sorted
)
JOIN journey_paths USING (path)
WHERE position <= last_row;

CREATE OR REPLACE TEMP TABLE journey_comparisons AS
WITH present AS (SELECT DISTINCT as_of, cohort FROM journey_paths),
labels AS (
    SELECT
        as_of,
        count(*) AS cohorts,
        bool_and(cohort IN ('converter', 'non_converter')) AS by_conversion
    FROM present
    GROUP BY as_of
)
SELECT as_of, 'converter'::journey_cohort AS focus
FROM labels
WHERE by_conversion
UNION ALL
SELECT as_of, cohort
FROM labels
JOIN present USING (as_of)
WHERE NOT by_conversion AND cohorts > 1;

DROP TABLE journey_owned;
DROP TABLE journey_owners;
