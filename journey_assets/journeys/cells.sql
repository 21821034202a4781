-- The counts behind frequencies, transitions and endings: one small row per cohort and cell
-- (event, next_event or ending). Sorting by person and pair once and looking at the row before
-- counts persons exactly at half the cost of two COUNT(DISTINCT person), and it spills.
-- Reads: journey_steps. Leaves: journey_cells.

CREATE OR REPLACE TEMP TABLE journey_cells AS
SELECT
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
        lag(person) OVER () IS DISTINCT FROM person
            OR lag(event) OVER () IS DISTINCT FROM event AS new_event,
        lag(next_event) OVER () AS last_next
    FROM (
        SELECT person, cohort, event, next_event, ending
        FROM journey_steps
        ORDER BY person, event, next_event
    )
)
GROUP BY ALL;
