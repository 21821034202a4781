-- How often and by how many persons each event occurs, per cohort.
-- Reads: journey_cells, journey_paths.

WITH frequencies AS (
    SELECT
        as_of,
        cohort,
        event,
        sum(occurrences) AS occurrences,
        sum(persons_first_seen) AS persons
    FROM journey_cells
    GROUP BY ALL
),
cohorts AS (
    SELECT as_of, cohort, count(*) AS cohort_persons
    FROM journey_paths
    GROUP BY ALL
)
SELECT
    as_of,
    cohort,
    event_type,
    occurrences,
    persons,
    persons / cohort_persons AS share_of_persons,
    wilson_low(persons, cohort_persons) AS share_low,
    wilson_high(persons, cohort_persons) AS share_high,
    cohort_persons
FROM frequencies
JOIN cohorts USING (as_of, cohort)
JOIN journey_event_types USING (event)
ORDER BY as_of, cohort, occurrences DESC, event_type
