-- The events that end paths, how often each ends one and how, and the exit rate of its visits. What
-- follows a visit that is censored or cut by a limit is not known: the rate leaves it out.
-- Reads: journey_cells.

WITH states AS (
    SELECT
        as_of,
        cohort,
        event,
        sum(occurrences) AS visits,
        coalesce(sum(occurrences) FILTER (ending IS NOT NULL), 0) AS persons,
        coalesce(sum(occurrences) FILTER (ending = 'exit'), 0) AS exits,
        coalesce(sum(occurrences) FILTER (ending = 'conversion'), 0) AS conversions,
        coalesce(sum(occurrences) FILTER (ending = 'censored'), 0) AS censored,
        coalesce(sum(occurrences) FILTER (ending = 'cut'), 0) AS cut
    FROM journey_cells
    GROUP BY ALL
),
cohorts AS (
    SELECT as_of, cohort, sum(exits) AS cohort_exits
    FROM states
    GROUP BY ALL
)
SELECT
    as_of,
    cohort,
    event_type,
    persons,
    visits,
    exits / nullif(visits - censored - cut, 0) AS exit_rate,
    wilson_low(exits, visits - censored - cut) AS exit_low,
    wilson_high(exits, visits - censored - cut) AS exit_high,
    exits / nullif(cohort_exits, 0) AS share_of_exits,
    exits,
    conversions,
    censored,
    cut,
    cohort_exits
FROM states
JOIN cohorts USING (as_of, cohort)
JOIN journey_event_types USING (event)
WHERE persons > 0
ORDER BY as_of, cohort, persons DESC, event_type
