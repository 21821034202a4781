-- With JOURNEY_PATH_UNIT=session: each session is a path. A pause above the session gap ends one.
-- Reads and replaces: journey_sorted, journey_units. Reads: variable journeys_session_gap_ms.

CREATE OR REPLACE TEMP TABLE journey_sessions AS
SELECT
    path AS whole,
    (sum(begins) OVER (ROWS UNBOUNDED PRECEDING))::UINTEGER AS path,
    event,
    happened_at
FROM (
    SELECT
        *,
        (
            lag(path) OVER () IS DISTINCT FROM path
            OR epoch_ms(happened_at) - epoch_ms(lag(happened_at) OVER ())
                > getvariable('journeys_session_gap_ms')
        )::INTEGER AS begins
    FROM journey_sorted
);

CREATE OR REPLACE TEMP TABLE journey_units AS
SELECT
    sessions.path,
    as_of,
    person,
    row_number() OVER (PARTITION BY whole ORDER BY sessions.path) AS session,
    listed,
    unidentified
FROM (SELECT DISTINCT whole, path FROM journey_sessions) AS sessions
JOIN journey_units ON journey_units.path = whole;

CREATE OR REPLACE TEMP TABLE journey_sorted AS
SELECT path, event, happened_at
FROM journey_sessions;

DROP TABLE journey_sessions;
