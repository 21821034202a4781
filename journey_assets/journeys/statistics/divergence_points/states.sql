-- What comes after each path's first visit to an event, in the two groups of each comparison. The
-- conversion event is the goal: where it is known it is no state, and who goes there next is left
-- out with those who go nowhere. (With lists and no conversion event it is an event like others.)
-- Reads: journey_next_events, journey_comparisons, journey_event_types; needs enough_in_cohort.
-- Leaves: journey_first_next_within (state, as_of, focus, event_type, next_event_type: NULL for those
--         left out, platform, country, focus_persons, other_persons);
--         journey_first_next (the same over all platforms and countries);
--         journey_divergence_states (state, as_of, focus, event_type, n_converters,
--         n_non_converters, tested).

CREATE OR REPLACE TEMP TABLE journey_first_next_within AS
WITH groups AS (
    SELECT
        as_of,
        focus,
        platform,
        country,
        event,
        next_event,
        coalesce(sum(persons) FILTER (cohort = focus), 0)::BIGINT AS focus_persons,
        coalesce(sum(persons) FILTER (cohort <> focus), 0)::BIGINT AS other_persons
    FROM journey_next_events
    JOIN journey_comparisons USING (as_of)
    GROUP BY ALL
)
SELECT
    dense_rank() OVER (ORDER BY as_of, focus::VARCHAR, origin.event_type)::BIGINT AS state,
    as_of,
    focus,
    origin.event_type,
    target.event_type AS next_event_type,
    platform,
    country,
    focus_persons,
    other_persons
FROM groups
JOIN journey_event_types AS origin USING (event)
LEFT JOIN journey_event_types AS target ON target.event = next_event;

CREATE OR REPLACE TEMP TABLE journey_first_next AS
SELECT
    * EXCLUDE (platform, country, focus_persons, other_persons),
    sum(focus_persons)::BIGINT AS focus_persons,
    sum(other_persons)::BIGINT AS other_persons
FROM journey_first_next_within
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE journey_divergence_states AS
SELECT
    *,
    enough_in_cohort(n_converters) AND enough_in_cohort(n_non_converters) AS tested
FROM (
    SELECT
        state,
        as_of,
        focus,
        event_type,
        coalesce(sum(focus_persons) FILTER (next_event_type IS NOT NULL), 0)::BIGINT AS n_converters,
        coalesce(sum(other_persons) FILTER (next_event_type IS NOT NULL), 0)::BIGINT AS n_non_converters
    FROM journey_first_next
    GROUP BY ALL
);
