-- Availability and sessions of each agent: periods clipped to the window, overlaps merged.
-- Reads: windows, support_availabilities, support_sessions, support_ledger; needs pseudonym.
-- Leaves: result_support_agent_statistics.

CREATE OR REPLACE TEMP TABLE result_support_agent_statistics AS
WITH periods AS (
    SELECT
        pseudonym('agent', lower(trim(agent_email))) AS agent,
        start_timestamp AS started,
        end_timestamp IS NULL AS is_open,
        -- An open period lasted at least until it was last read; later is not known.
        coalesce(end_timestamp, written_at, current_localtimestamp()) AS ended,
        duration_ms,
        active_duration_ms
    FROM support_availabilities
    LEFT JOIN support_ledger ON partition = availability_date
),
clipped AS (
    SELECT
        as_of,
        agent,
        is_open,
        greatest(epoch_ms(started), epoch_ms(first_day::TIMESTAMP)) AS start_ms,
        least(epoch_ms(ended), epoch_ms(as_of + INTERVAL 1 DAY)) AS end_ms,
        -- Activity is taken as evenly spread over the period it was counted in.
        coalesce(active_duration_ms, 0) * least(1.0, (end_ms - start_ms)
            / coalesce(nullif(duration_ms, 0), epoch_ms(ended) - epoch_ms(started))) AS active_ms
    FROM windows
    JOIN periods ON started < as_of + INTERVAL 1 DAY AND ended > first_day
    WHERE end_ms > start_ms
),
numbered AS (
    -- A period that starts after all before it have ended opens the next island.
    SELECT *, sum(opens) OVER (PARTITION BY as_of, agent ORDER BY start_ms, end_ms) AS island
    FROM (
        SELECT
            *,
            coalesce(start_ms > max(end_ms) OVER (
                PARTITION BY as_of, agent ORDER BY start_ms, end_ms
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ), true)::INTEGER AS opens
        FROM clipped
    )
),
islands AS (
    SELECT
        as_of,
        agent,
        max(end_ms) - min(start_ms) AS length_ms,
        least(sum(active_ms ORDER BY active_ms), length_ms) AS active_ms,
        sum(end_ms - start_ms) - length_ms AS overlap_ms,
        count(*) AS periods,
        count(*) FILTER (is_open) AS open_periods
    FROM numbered
    GROUP BY as_of, agent, island
),
available AS (
    SELECT
        as_of,
        agent,
        sum(length_ms)::BIGINT AS available_ms,
        round(sum(active_ms ORDER BY active_ms))::BIGINT AS active_ms,
        sum(periods)::BIGINT AS periods,
        sum(open_periods)::BIGINT AS open_periods,
        sum(overlap_ms)::BIGINT AS overlap_ms
    FROM islands
    GROUP BY as_of, agent
),
served AS (
    SELECT as_of, agent, sum(sessions)::BIGINT AS sessions
    FROM windows
    JOIN (
        SELECT session_date, pseudonym('agent', address) AS agent, count(*) AS sessions
        FROM (SELECT session_date, lower(trim(agent_email)) AS address FROM support_sessions)
        WHERE address IS NOT NULL
        GROUP BY session_date, address
    ) ON session_date BETWEEN first_day AND as_of
    GROUP BY as_of, agent
)
SELECT
    as_of,
    agent,
    coalesce(available_ms, 0) AS available_ms,
    coalesce(active_ms, 0) AS active_ms,
    active_ms / available_ms AS utilisation,
    coalesce(sessions, 0) AS sessions,
    coalesce(periods, 0) AS periods,
    coalesce(open_periods, 0) AS open_periods,
    coalesce(overlap_ms, 0) AS overlap_ms
FROM available
FULL JOIN served USING (as_of, agent);
