-- The order of events along the way of converters: by the median, over the converters who have the
-- event, of the relative position of its first occurrence, (step − 1) / (steps of the path − 1). A path
-- of one step has no way and gives no position. An event takes part when it has the minimum support
-- among all and enough converters to place it.
-- Reads: journey_positions, journey_compared_states, journey_populations; needs counted_quantile,
--        enough_persons and enough_in_cohort.
-- Leaves: journey_stage_order (places from 1; the stage is still to be filled in).

CREATE OR REPLACE TEMP TABLE journey_stage_order AS
WITH supports AS (
    SELECT as_of, event, sum(persons) AS persons
    FROM journey_compared_states
    GROUP BY ALL
),
placed AS (
    SELECT
        as_of,
        cohort AS focus,
        event,
        position,
        sum(persons) OVER (PARTITION BY as_of, cohort, event ORDER BY position) AS upto,
        sum(persons) OVER (PARTITION BY as_of, cohort, event) AS total
    FROM (
        SELECT as_of, cohort, event, steps_before / steps AS position, sum(persons) AS persons
        FROM journey_positions
        GROUP BY ALL
    )
),
positions AS (
    SELECT
        as_of,
        focus,
        event,
        counted_quantile(position, upto, total, 0.5) AS position,
        any_value(total)::BIGINT AS converters_with
    FROM placed
    GROUP BY ALL
)
SELECT
    as_of,
    focus,
    event,
    position,
    converters_with,
    converters,
    non_converters,
    row_number() OVER (PARTITION BY as_of, focus ORDER BY position, event) AS place,
    NULL::BIGINT AS stage
FROM positions
JOIN journey_populations AS populations USING (as_of, focus)
JOIN supports USING (as_of, event)
WHERE enough_in_cohort(converters)
    AND enough_in_cohort(converters_with)
    AND enough_persons(supports.persons, populations.persons);
