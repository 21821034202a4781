-- The cohorts that are each compared with all others: of converters and non-converters the
-- converters, else every label with a path. And how many persons stand on each side.
-- Reads: journey_cohorts.
-- Leaves: journey_comparisons (as_of, focus, by_conversion: whether the groups are the outcome);
--         journey_populations (as_of, focus, persons, converters: those of the focus,
--         non_converters: all others).

CREATE OR REPLACE TEMP TABLE journey_comparisons AS
WITH labels AS (
    SELECT
        as_of,
        count(*) AS cohorts,
        bool_and(cohort IN ('converter', 'non_converter')) AS by_conversion
    FROM journey_cohorts
    GROUP BY as_of
)
SELECT as_of, 'converter'::journey_cohort AS focus, by_conversion
FROM labels
WHERE by_conversion
UNION ALL
SELECT as_of, cohort, by_conversion
FROM labels
JOIN journey_cohorts USING (as_of)
WHERE NOT by_conversion AND cohorts > 1;

CREATE OR REPLACE TEMP TABLE journey_populations AS
SELECT
    as_of,
    focus,
    sum(persons)::BIGINT AS persons,
    coalesce(sum(persons) FILTER (cohort = focus), 0)::BIGINT AS converters,
    coalesce(sum(persons) FILTER (cohort <> focus), 0)::BIGINT AS non_converters
FROM journey_comparisons
JOIN journey_cohorts USING (as_of)
GROUP BY ALL;
