-- The paths of all cohorts together. A path reaches every step up to its length, so the sums over
-- lengths say it all.
-- Reads: journey_lengths; variable journeys_step_limit.

WITH lengths AS (
    SELECT
        as_of,
        length,
        sum(paths) AS paths,
        coalesce(sum(paths) FILTER (ending = 'exit'), 0) AS exits,
        coalesce(sum(paths) FILTER (ending = 'conversion'), 0) AS conversions,
        coalesce(sum(paths) FILTER (ending = 'censored'), 0) AS censored,
        coalesce(sum(paths) FILTER (ending = 'cut'), 0) AS cut
    FROM journey_lengths
    GROUP BY ALL
),
-- Every step up to the longest path's, also those at which none ends.
steps AS (
    SELECT as_of, unnest(range(1, 1 + least(longest, getvariable('journeys_step_limit')))) AS step
    FROM (SELECT as_of, max(length) AS longest FROM lengths GROUP BY as_of)
),
risks AS (
    SELECT
        as_of,
        step,
        sum(paths) AS at_risk,
        coalesce(sum(exits) FILTER (length = step), 0) AS exits,
        coalesce(sum(conversions) FILTER (length = step), 0) AS conversions,
        coalesce(sum(censored) FILTER (length = step), 0) AS censored,
        coalesce(sum(cut) FILTER (length = step), 0) AS cut
    FROM steps
    JOIN lengths USING (as_of)
    WHERE length >= step
    GROUP BY ALL
)
SELECT
    as_of,
    step,
    at_risk,
    exits,
    conversions,
    exits / at_risk AS hazard_exit,
    wilson_low(exits, at_risk) AS hazard_low,
    wilson_high(exits, at_risk) AS hazard_high,
    conversions / at_risk AS hazard_conversion,
    censored,
    cut
FROM risks
ORDER BY as_of, step
