-- Persons and visits with each event, in the two groups of each comparison, before the first
-- conversion event. Where that makes the cohorts the paths end there already; with lists they go on,
-- and what comes behind the outcome is left out here. With lists and no conversion event it is not
-- known when anybody converted: the whole path counts, and nothing is tested.
--
-- A visit is an event of a path. For the rate per visit the persons are clusters: sums of squares and
-- products over persons (x: visits of the event, v: of all events) give its variance.
-- Reads: journey_exposures, journey_exposed, journey_comparisons, journey_populations,
--        journey_event_types; needs is_outcome, enough_persons and enough_in_cohort.
-- Leaves: journey_friction (a row per as_of, focus and event; `untested` says why it is not tested).
-- Needs the variable journeys_conversion_known.

CREATE OR REPLACE TEMP TABLE journey_friction AS
WITH visits AS (
    SELECT
        as_of,
        focus,
        sum(v) FILTER (cohort = focus) AS converter_v,
        sum(v) FILTER (cohort <> focus) AS non_converter_v,
        sum(vv) FILTER (cohort = focus) AS converter_vv,
        sum(vv) FILTER (cohort <> focus) AS non_converter_vv
    FROM journey_exposed
    JOIN journey_comparisons USING (as_of)
    GROUP BY ALL
),
counts AS (
    SELECT
        as_of,
        focus,
        event,
        coalesce(sum(persons) FILTER (cohort = focus), 0)::BIGINT AS converters_with,
        coalesce(sum(persons) FILTER (cohort <> focus), 0)::BIGINT AS non_converters_with,
        coalesce(sum(x) FILTER (cohort = focus), 0)::BIGINT AS converter_visits,
        coalesce(sum(x) FILTER (cohort <> focus), 0)::BIGINT AS non_converter_visits,
        sum(xx) FILTER (cohort = focus) AS converter_xx,
        sum(xx) FILTER (cohort <> focus) AS non_converter_xx,
        sum(xv) FILTER (cohort = focus) AS converter_xv,
        sum(xv) FILTER (cohort <> focus) AS non_converter_xv
    FROM journey_exposures
    JOIN journey_comparisons USING (as_of)
    GROUP BY ALL
)
SELECT
    * EXCLUDE (persons),
    dense_rank() OVER (ORDER BY as_of, focus)::BIGINT AS family,
    row_number() OVER ()::BIGINT AS test,
    CASE
        WHEN is_outcome(event) THEN 'outcome'
        WHEN converters_with = converters AND non_converters_with = non_converters THEN 'everyone'
        WHEN NOT enough_persons(converters_with + non_converters_with, persons)
            OR NOT enough_in_cohort(least(converters, non_converters))
            THEN 'insufficient'
        WHEN NOT getvariable('journeys_conversion_known') THEN 'no_conversion_event'
    END AS untested
FROM counts
JOIN visits USING (as_of, focus)
JOIN journey_populations USING (as_of, focus)
JOIN journey_event_types USING (event);
