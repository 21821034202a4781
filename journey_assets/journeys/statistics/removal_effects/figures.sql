-- The removal effects of the chain with their counts, gates and guards.
-- Reads: journey_removals (chain.py), journey_states, journey_cohorts, journey_event_types; variables
--        journeys_min_persons, journeys_min_share, journeys_min_cohort_persons.

WITH populations AS (
    SELECT
        as_of,
        focus,
        sum(persons)::BIGINT AS population,
        coalesce(sum(persons) FILTER (cohort = focus), 0)::BIGINT AS converters
    FROM journey_cohorts
    JOIN (SELECT DISTINCT as_of, focus FROM journey_removals) USING (as_of)
    GROUP BY ALL
),
counts AS (
    SELECT
        as_of,
        focus,
        event,
        sum(persons)::BIGINT AS persons,
        coalesce(sum(persons) FILTER (cohort = focus), 0)::BIGINT AS converters_with
    FROM journey_states
    JOIN journey_removals USING (as_of, event)
    GROUP BY ALL
),
judged AS (
    SELECT
        *,
        converters_with = converters AS gate,
        CASE
            WHEN converters < getvariable('journeys_min_cohort_persons')
                OR persons < least(
                    getvariable('journeys_min_persons'),
                    getvariable('journeys_min_share') * population
                ) THEN 'insufficient'
            WHEN converters_with = converters THEN 'gate'
            ELSE 'effect'
        END AS verdict
    FROM counts
    JOIN populations USING (as_of, focus)
    JOIN journey_removals USING (as_of, focus, event)
)
SELECT
    as_of,
    focus AS cohort,
    event_type,
    CASE WHEN verdict <> 'insufficient' THEN effect END AS effect,
    gate,
    persons,
    converters_with,
    conversion_rate,
    CASE WHEN verdict <> 'insufficient' THEN conversion_rate * (1 - effect) END
        AS conversion_rate_removed,
    verdict
FROM judged
JOIN journey_event_types USING (event)
ORDER BY as_of, cohort, judged.effect DESC, event_type
