-- The moves of each as_of and cohort from step to step, over collapsed paths (consecutive repeats
-- counted once): (as_of, cohort, step, kind, event, next_kind, next_event, persons).
-- report_prefixes: as_of, cohort, prefix (the first events), later (whether the path goes on),
-- ending, persons. $events: events that stand alone at a step; the rest is `other`, exactly.
WITH numbered AS (
    SELECT *, row_number() OVER () AS path FROM report_prefixes
),
steps AS (
    SELECT path, as_of, cohort, later, ending, persons,
           unnest(range(1, len(prefix) + 1)) AS step, unnest(prefix) AS event
    FROM numbered
),
sizes AS (
    SELECT as_of, cohort, step, event,
           row_number() OVER (PARTITION BY as_of, cohort, step ORDER BY sum(persons) DESC, event)
               AS place,
           count(*) OVER (PARTITION BY as_of, cohort, step) AS events
    FROM steps GROUP BY as_of, cohort, step, event
),
banded AS (
    -- A single event left over says more than `other`.
    SELECT steps.*,
           CASE WHEN place <= $events OR events = $events + 1 THEN 'event' ELSE 'other' END AS kind,
           CASE WHEN place <= $events OR events = $events + 1 THEN event ELSE '' END AS band
    FROM steps JOIN sizes USING (as_of, cohort, step, event)
),
moves AS (
    SELECT *,
           lead(kind, 1, CASE WHEN later THEN 'later' ELSE ending END) OVER path_order AS next_kind,
           lead(band, 1, '') OVER path_order AS next_band
    FROM banded
    WINDOW path_order AS (PARTITION BY path ORDER BY step)
)
SELECT as_of, cohort, step, kind, band, next_kind, next_band, sum(persons)::BIGINT AS persons
FROM moves
GROUP BY ALL
ORDER BY ALL;
