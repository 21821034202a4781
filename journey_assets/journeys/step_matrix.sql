-- Where the persons of a cohort are at each step of their full path, which neither a conversion nor a
-- limit ends. Every cohort has the steps of the as_of's longest path, so that cohorts compare.
-- Reads: journey_sorted, journey_paths, journey_event_types; variable journeys_step_limit.

WITH lengths AS (
    SELECT as_of, cohort, final_row - first_row + 1 AS length, count(*) AS persons
    FROM journey_paths
    GROUP BY ALL
),
cohorts AS (
    SELECT as_of, cohort, sum(persons)::BIGINT AS cohort_persons
    FROM lengths
    GROUP BY ALL
),
-- One step more than the limit holds the rest of the paths that are longer.
steps AS (
    SELECT
        as_of,
        unnest(range(1, 1 + least(longest, getvariable('journeys_step_limit') + 1))) AS step
    FROM (SELECT as_of, max(length) AS longest FROM lengths GROUP BY as_of)
),
going_on AS (
    SELECT
        as_of,
        cohort,
        step,
        coalesce(sum(persons) FILTER (length >= step), 0)::BIGINT AS persons
    FROM steps
    JOIN lengths USING (as_of)
    GROUP BY ALL
),
visited AS (
    SELECT as_of, cohort, journey_sorted.rowid - first_row + 1 AS step, event, count(*) AS persons
    FROM journey_sorted
    JOIN journey_paths USING (path)
    WHERE journey_sorted.rowid
        BETWEEN first_row AND least(final_row, first_row + getvariable('journeys_step_limit') - 1)
    GROUP BY ALL
),
cells AS (
    SELECT as_of, cohort, step, event_type, persons
    FROM visited
    JOIN journey_event_types USING (event)
    UNION ALL
    SELECT as_of, cohort, step, '(later)', persons
    FROM going_on
    WHERE step > getvariable('journeys_step_limit')
    UNION ALL
    SELECT as_of, cohort, step, '(ended)', cohort_persons - persons
    FROM going_on
    JOIN cohorts USING (as_of, cohort)
)
SELECT
    as_of,
    cohort,
    step,
    event_type,
    persons,
    persons / cohort_persons AS share,
    wilson_low(persons, cohort_persons) AS share_low,
    wilson_high(persons, cohort_persons) AS share_high,
    cohort_persons
FROM cells
JOIN cohorts USING (as_of, cohort)
WHERE persons > 0
ORDER BY as_of, cohort, step, persons DESC, event_type
