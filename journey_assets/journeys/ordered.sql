-- The ordered form of a batch of as_ofs: every journey statistic reads these relations.
--
--   journey_paths  a row per path, which is a person's (or a session's) at one as_of: path (its
--                  code), as_of, person, session, unidentified, cohort, started_at, converted_at,
--                  first_row, last_row, final_row, n_events, ending
--   journey_steps  a row per event of a path: path, as_of, cohort, step (from 1), event,
--                  happened_at; next_event and gap_ms (milliseconds to it), both NULL at the path's
--                  end, where `ending` says how it ends (NULL before). A session ends where gap_ms
--                  is above the session gap.
--   journey_sorted path, event, happened_at: the events in order. A path is the slice from rowid
--                  first_row to last_row; up to final_row it goes on, had neither a conversion nor
--                  JOURNEY_MAX_EVENTS ended it.
--   journey_comparisons  as_of, focus: the cohorts that are each compared with all others: of
--                  converters and non-converters the converters, else every label with a path.
--
-- Persons (journey_names) and events (journey_event_types) are codes.
-- Reads: journey_sorted, journey_units, journey_ends and journey_lasting (sorted.sql and what optional
--        settings made of them), journey_windows; variables journeys_conversion,
--        journeys_max_events, journeys_session_gap_ms.

-- A path is a slice of the rows: from the first to the last, or to the event that ends paths; to the
-- first conversion where that makes the cohort; and no further than the limit of events. Who converts
-- beyond the end of the path is a converter nevertheless.
CREATE OR REPLACE TEMP TABLE journey_paths AS
WITH slices AS (
    SELECT
        path,
        min(rowid) AS first_row,
        max(rowid) AS last_seen_row,
        min(happened_at) AS started_at,
        max(happened_at) AS active_until,
        min(rowid) FILTER (event = getvariable('journeys_conversion')) AS conversion_row,
        max(rowid) FILTER (event = getvariable('journeys_conversion')) AS last_conversion_row,
        min(happened_at) FILTER (event = getvariable('journeys_conversion')) AS converted_at
    FROM journey_sorted
    GROUP BY path
),
wholes AS (
    SELECT
        slices.* REPLACE (coalesce(lasting.active_until, slices.active_until) AS active_until),
        journey_units.* EXCLUDE (path),
        end_row,
        observed_until,
        coalesce(
            listed,
            (CASE WHEN conversion_row IS NULL THEN 'non_converter' ELSE 'converter' END)::journey_cohort
        ) AS cohort,
        coalesce(end_row, last_seen_row) AS final_row,
        CASE WHEN NOT by_lists THEN conversion_row END AS decisive_row
    FROM slices
    JOIN journey_units USING (path)
    JOIN journey_windows USING (as_of)
    LEFT JOIN journey_ends USING (path)
    LEFT JOIN journey_lasting AS lasting USING (path)
),
ended AS (
    SELECT *, least(final_row, coalesce(decisive_row, final_row)) AS natural_row
    FROM wholes
),
cut AS (
    SELECT *, least(natural_row, first_row + getvariable('journeys_max_events') - 1) AS last_row
    FROM ended
)
SELECT
    path,
    as_of,
    person,
    session,
    unidentified,
    cohort,
    started_at,
    converted_at,
    first_row,
    last_row,
    final_row,
    last_row - first_row + 1 AS n_events,
    (CASE
        WHEN last_row < natural_row THEN 'cut'
        WHEN cohort = 'converter' AND last_row IN (conversion_row, last_conversion_row)
            THEN 'conversion'
        WHEN end_row IS NOT NULL THEN 'cut'
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

DROP TABLE journey_units;
DROP TABLE journey_ends;
DROP TABLE journey_lasting;
