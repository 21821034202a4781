-- How far the persons of each segment come along the golden path, in order.
-- Reads: journey_segment_reached, segment_ways, golden_steps; variable channels_segments; needs the rate
--        macros.

WITH reaching AS (
    SELECT
        * EXCLUDE (segment),
        getvariable('channels_segments')[segment + 1] AS segment
    FROM journey_segment_reached
),
counted AS (
    SELECT
        as_of,
        segment,
        step,
        event_type,
        persons_with_path AS segment_persons,
        coalesce(sum(reaching.persons) FILTER (reached >= step), 0)::BIGINT AS persons,
        coalesce(sum(reaching.persons) FILTER (reached >= step - 1), 0)::BIGINT AS previous_persons,
        coalesce(sum(reaching.converters) FILTER (reached >= step), 0)::BIGINT AS converters
    FROM golden_steps
    JOIN segment_ways USING (as_of)
    JOIN reaching USING (as_of, segment)
    GROUP BY ALL
)
SELECT
    as_of,
    segment,
    step,
    event_type,
    persons,
    segment_persons,
    rate(persons, segment_persons) AS share,
    rate_low(persons, segment_persons) AS share_low,
    rate_high(persons, segment_persons) AS share_high,
    previous_persons,
    rate(persons, previous_persons) AS step_share,
    rate_low(persons, previous_persons) AS step_share_low,
    rate_high(persons, previous_persons) AS step_share_high,
    converters,
    rate(converters, persons) AS conversion_rate,
    rate_low(converters, persons) AS conversion_rate_low,
    rate_high(converters, persons) AS conversion_rate_high,
    verdict(segment_persons) AS verdict
FROM counted
ORDER BY as_of, segment, step
