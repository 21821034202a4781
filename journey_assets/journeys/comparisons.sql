-- The cohorts that are each compared with all others: of converters and non-converters the
-- converters, else every label with a path. And how many persons stand on each side, of those who are
-- compared: see journey_assets.journeys.persons. Who converted earlier or is on both lists is in no
-- cohort that is compared.
-- Reads: journey_cohorts, journey_windows.
-- Leaves: journey_comparisons (as_of, focus, by_conversion: whether the groups are the outcome);
--         journey_populations (as_of, focus, persons, converters: those of the focus,
--         non_converters: all others).

CREATE OR REPLACE TEMP TABLE journey_comparisons AS
WITH labels AS (
    SELECT as_of, count(*) FILTER (cohort <> 'both_lists') AS cohorts
    FROM journey_cohorts
    GROUP BY as_of
)
SELECT as_of, 'converter'::journey_cohort AS focus, true AS by_conversion
FROM labels
JOIN journey_windows USING (as_of)
WHERE NOT by_labels
UNION ALL
SELECT as_of, cohort, false
FROM labels
JOIN journey_windows USING (as_of)
JOIN journey_cohorts USING (as_of)
WHERE by_labels AND cohorts > 1 AND cohort <> 'both_lists';

CREATE OR REPLACE TEMP TABLE journey_populations AS
SELECT
    as_of,
    focus,
    sum(compared)::BIGINT AS persons,
    coalesce(sum(compared) FILTER (cohort = focus), 0)::BIGINT AS converters,
    coalesce(sum(compared) FILTER (cohort <> focus), 0)::BIGINT AS non_converters
FROM journey_comparisons
JOIN journey_cohorts USING (as_of)
GROUP BY ALL;
