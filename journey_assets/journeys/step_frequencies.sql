-- How often and by how many persons each event occurs, per cohort.
-- Reads: journey_cells, journey_persons.

SELECT
    getvariable('journeys_as_of') AS as_of,
    cohort,
    event_type,
    sum(occurrences) AS occurrences,
    sum(persons_first_seen) AS persons,
    sum(persons_first_seen) / cohort_persons AS share_of_persons,
    wilson_low(sum(persons_first_seen), cohort_persons) AS share_low,
    wilson_high(sum(persons_first_seen), cohort_persons) AS share_high,
    cohort_persons
FROM journey_cells
JOIN journey_event_types USING (event)
JOIN (SELECT cohort, count(*) AS cohort_persons FROM journey_persons GROUP BY cohort) USING (cohort)
GROUP BY cohort, event_type, cohort_persons
ORDER BY cohort, occurrences DESC, event_type
