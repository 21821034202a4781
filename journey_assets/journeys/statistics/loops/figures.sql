-- Reads: journey_repeats, journey_returns, journey_event_types; needs counted_quantile.

WITH counted AS (
    SELECT
        *,
        sum(returns) OVER (PARTITION BY as_of, cohort, event ORDER BY steps_away) AS upto,
        sum(returns) OVER (PARTITION BY as_of, cohort, event) AS total
    FROM journey_returns
),
distances AS (
    SELECT
        as_of,
        cohort,
        event,
        sum(returns)::BIGINT AS returns,
        counted_quantile(steps_away, upto, total, 0.5) AS median_steps_away
    FROM counted
    GROUP BY ALL
)
SELECT
    as_of,
    cohort,
    event_type,
    persons_with,
    persons_repeating,
    repeats,
    persons_returning,
    coalesce(returns, 0) AS returns,
    persons_returning / persons_with AS return_share,
    wilson_low(persons_returning, persons_with) AS return_low,
    wilson_high(persons_returning, persons_with) AS return_high,
    median_steps_away
FROM journey_repeats
LEFT JOIN distances USING (as_of, cohort, event)
JOIN journey_event_types USING (event)
WHERE persons_repeating > 0
ORDER BY as_of, cohort, persons_returning DESC, event_type
