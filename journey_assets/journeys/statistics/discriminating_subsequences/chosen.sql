-- The subsequences that are tested: of those that enough persons have and not all, the 30 that most have.
-- They are chosen by persons of both sides together, so that the choice knows nothing of the outcome, and
-- they are few, since each is a test of the report's family.
-- Reads: journey_subsequences, journey_comparisons, journey_populations; needs enough_persons,
--        enough_in_cohort;
--        variable journeys_conversion_known.
-- Leaves: journey_subsequences_chosen (a row per as_of, focus and subsequence; `untested` says why).

CREATE OR REPLACE TEMP TABLE journey_subsequences_chosen AS
WITH counts AS (
    SELECT
        as_of,
        focus,
        exposure,
        coalesce(sum(journey_subsequences.persons) FILTER (cohort = focus), 0)::BIGINT
            AS converters_with,
        coalesce(sum(journey_subsequences.persons) FILTER (cohort <> focus), 0)::BIGINT
            AS non_converters_with
    FROM journey_subsequences
    JOIN journey_comparisons USING (as_of)
    GROUP BY ALL
),
enough AS (
    SELECT *
    FROM counts
    JOIN journey_populations USING (as_of, focus)
    WHERE enough_persons(converters_with + non_converters_with, persons)
        AND converters_with + non_converters_with < persons
    QUALIFY row_number() OVER (
        PARTITION BY as_of, focus ORDER BY converters_with + non_converters_with DESC, exposure
    ) <= 30
)
SELECT
    * EXCLUDE (persons),
    dense_rank() OVER (ORDER BY as_of, focus)::BIGINT AS family,
    row_number() OVER (ORDER BY as_of, focus, exposure)::BIGINT AS test,
    CASE
        WHEN NOT getvariable('journeys_conversion_known') THEN 'no_conversion_event'
        WHEN NOT enough_in_cohort(least(converters, non_converters)) THEN 'insufficient'
    END AS untested
FROM enough;
