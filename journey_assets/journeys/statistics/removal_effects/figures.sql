-- The removal effects of the chain with their counts, gates and guards.
-- Reads: journey_removals (chain.py), journey_orders (order.py), journey_compared_states,
--        journey_populations, journey_event_types; needs enough_persons, enough_in_cohort and significant.

WITH counts AS (
    SELECT
        as_of,
        focus,
        event,
        sum(persons)::BIGINT AS persons,
        coalesce(sum(persons) FILTER (cohort = focus), 0)::BIGINT AS converters_with
    FROM journey_compared_states
    JOIN journey_removals USING (as_of, event)
    GROUP BY ALL
),
judged AS (
    SELECT
        counts.*,
        effect,
        conversion_rate,
        converters_with = converters AS gate,
        CASE
            WHEN NOT enough_in_cohort(converters)
                OR NOT enough_persons(counts.persons, populations.persons) THEN 'insufficient'
            WHEN converters_with = converters THEN 'gate'
            ELSE 'effect'
        END AS verdict
    FROM counts
    JOIN journey_populations AS populations USING (as_of, focus)
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
    verdict,
    chain_lr,
    chain_df,
    chain_p,
    chain_verdict(chain_p) AS chain
FROM judged
JOIN journey_event_types USING (event)
LEFT JOIN (SELECT * EXCLUDE (focus) FROM journey_orders WHERE focus IS NULL) AS orders USING (as_of)
ORDER BY as_of, cohort, judged.effect DESC, event_type
