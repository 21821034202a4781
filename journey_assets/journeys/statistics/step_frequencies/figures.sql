-- Reads: journey_states, journey_cohorts, journey_event_types.

SELECT
    as_of,
    cohort,
    event_type,
    visits AS occurrences,
    states.persons,
    states.persons / cohorts.persons AS share_of_persons,
    wilson_low(states.persons, cohorts.persons) AS share_low,
    wilson_high(states.persons, cohorts.persons) AS share_high,
    cohorts.persons AS cohort_persons
FROM journey_states AS states
JOIN journey_cohorts AS cohorts USING (as_of, cohort)
JOIN journey_event_types USING (event)
ORDER BY as_of, cohort, occurrences DESC, event_type
