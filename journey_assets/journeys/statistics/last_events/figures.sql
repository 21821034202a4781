-- What follows a visit that is censored or cut by a limit is not known: the exit rate leaves it out.
-- Departures of one person are not independent: the interval is on the effective number of them.
-- Reads: journey_cells, journey_states, journey_event_types; needs the Wilson macros.

WITH endings AS (
    SELECT
        as_of,
        cohort,
        event,
        sum(occurrences) AS persons,
        coalesce(sum(occurrences) FILTER (ending = 'exit'), 0) AS exits,
        coalesce(sum(xx) FILTER (ending = 'exit'), 0) AS xx,
        coalesce(sum(xv) FILTER (ending = 'exit'), 0) AS xv,
        coalesce(sum(occurrences) FILTER (ending = 'conversion'), 0) AS conversions,
        coalesce(sum(occurrences) FILTER (ending = 'censored'), 0) AS censored,
        coalesce(sum(occurrences) FILTER (ending = 'cut'), 0) AS cut
    FROM journey_cells
    WHERE ending IS NOT NULL
    GROUP BY ALL
),
cohorts AS (
    SELECT as_of, cohort, sum(exits) AS cohort_exits
    FROM endings
    GROUP BY ALL
)
SELECT
    as_of,
    cohort,
    event_type,
    endings.persons,
    visits,
    exits / nullif(departures, 0) AS exit_rate,
    design_effect(exits, departures, departing, xx, xv, vv) AS deff,
    effective_number(exits, departures, departing, xx, xv, vv) AS n_effective,
    share_low(exit_rate, n_effective) AS exit_low,
    share_high(exit_rate, n_effective) AS exit_high,
    exits / nullif(cohort_exits, 0) AS share_of_exits,
    exits,
    conversions,
    censored,
    cut,
    cohort_exits
FROM endings
JOIN journey_states USING (as_of, cohort, event)
JOIN cohorts USING (as_of, cohort)
JOIN journey_event_types USING (event)
ORDER BY as_of, cohort, endings.persons DESC, event_type
