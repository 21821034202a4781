-- Every cohort has the steps of the as_of's longest path, so that cohorts compare.
-- Reads: journey_places, journey_full_lengths, journey_event_types; variable journeys_step_limit.

WITH cohorts AS (
    SELECT as_of, cohort, sum(persons)::BIGINT AS cohort_persons
    FROM journey_full_lengths
    GROUP BY ALL
),
-- One step more than the limit holds the rest of the paths that are longer.
steps AS (
    SELECT
        as_of,
        unnest(range(1, 1 + least(longest, getvariable('journeys_step_limit') + 1))) AS step
    FROM (SELECT as_of, max(length) AS longest FROM journey_full_lengths GROUP BY as_of)
),
going_on AS (
    SELECT
        as_of,
        cohort,
        step,
        coalesce(sum(persons) FILTER (length >= step), 0)::BIGINT AS persons
    FROM steps
    JOIN journey_full_lengths USING (as_of)
    GROUP BY ALL
),
cells AS (
    SELECT as_of, cohort, step, event_type, persons
    FROM journey_places
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
