-- Every cell that the window can hold; what is not over for everybody of the week stays empty.
-- Reads: journey_signups, journey_signup_returns, journey_windows; needs the Wilson macros.

WITH signups AS (
    SELECT
        as_of,
        first_day + day::INTEGER AS signed_up,
        date_trunc('week', signed_up)::DATE AS cohort_week,
        day,
        persons,
        -- How many days after the sign-up's are over.
        date_diff('day', signed_up, observed_until::DATE) - 1 AS days_over,
        date_diff('day', first_day, as_of) AS last_day
    FROM journey_signups
    JOIN journey_windows USING (as_of)
),
weeks AS (
    SELECT
        as_of,
        cohort_week,
        sum(persons)::BIGINT AS persons,
        min(days_over) AS days_over,
        any_value(last_day) - min(day) AS furthest
    FROM signups
    GROUP BY ALL
),
cells AS (
    SELECT *, 'day' AS unit, unnest(range(furthest + 1)) AS n, days_over >= n AS is_over
    FROM weeks
    UNION ALL
    SELECT *, 'week', unnest(range(furthest // 7 + 1)) AS n, days_over >= 7 * n + 6
    FROM weeks
),
returns AS (
    SELECT
        as_of,
        cohort_week,
        CASE weekly WHEN 1 THEN 'week' ELSE 'day' END AS unit,
        n,
        sum(returned) AS returned,
        sum(first_event_returned) AS first_event_returned
    FROM journey_signup_returns
    JOIN signups USING (as_of, day)
    GROUP BY ALL
),
counted AS (
    SELECT
        cells.*,
        CASE WHEN is_over THEN coalesce(returns.returned, 0)::BIGINT END AS returned,
        CASE WHEN is_over THEN coalesce(returns.first_event_returned, 0)::BIGINT END
            AS first_event_returned
    FROM cells
    LEFT JOIN returns USING (as_of, cohort_week, unit, n)
)
SELECT
    as_of,
    cohort_week,
    unit,
    n,
    persons,
    returned,
    returned / persons AS share,
    wilson_low(returned, persons) AS low,
    wilson_high(returned, persons) AS high,
    first_event_returned,
    first_event_returned / persons AS first_event_share,
    wilson_low(first_event_returned, persons) AS first_event_low,
    wilson_high(first_event_returned, persons) AS first_event_high
FROM counted
ORDER BY as_of, cohort_week, unit DESC, n
