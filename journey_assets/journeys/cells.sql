-- The counts behind frequencies, transitions and endings: one row per as_of, cohort and cell (event,
-- next_event or ending). Sorting by path and pair once and looking at the row before counts persons
-- exactly at half the cost of two COUNT(DISTINCT path), and it spills.
-- Reads: journey_steps. Leaves: journey_cells.

CREATE OR REPLACE TEMP TABLE journey_cells AS
SELECT
    as_of,
    cohort,
    event,
    next_event,
    ending,
    count(*) AS occurrences,
    count(*) FILTER (new_event OR next_event IS DISTINCT FROM last_next) AS persons,
    count(*) FILTER (new_event) AS persons_first_seen
FROM (
    SELECT
        *,
        lag(path) OVER () IS DISTINCT FROM path
            OR lag(event) OVER () IS DISTINCT FROM event AS new_event,
        lag(next_event) OVER () AS last_next
    FROM (
        SELECT path, as_of, cohort, event, next_event, ending
        FROM journey_steps
        ORDER BY path, event, next_event
    )
)
GROUP BY ALL;
