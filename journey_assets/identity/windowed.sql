-- The links that each as_of sees: of Amplitude and Mavenoid those of the trailing window's days, of
-- Segment those of the newest snapshot in it.
-- An identifier that more records of a source carry than its type may have is somebody's default and
-- names nobody: it stays a node and has no links.
-- Reads: windows, identity_links, identity_values, identity_limits (type, most; '*' for the others).
-- Leaves: identity_days (source and day seen by an as_of), identity_edges (as_of, source, record, id),
--         identity_nodes (as_of, source, code), identity_carried (as_of, source, type, code, shared:
--         whether too many records carry it).

CREATE OR REPLACE TEMP TABLE identity_days AS
WITH stored AS (SELECT DISTINCT source, day FROM identity_links),
inside AS (
    SELECT as_of, source, day FROM windows JOIN stored ON day BETWEEN first_day AND as_of
)
SELECT as_of, source, day FROM inside WHERE source <> 'segment'
UNION ALL
SELECT as_of, source, max(day) AS day FROM inside WHERE source = 'segment' GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE identity_edges AS
SELECT as_of, source, record, id, bool_or(anonymous) AS anonymous
FROM identity_days
JOIN identity_links USING (source, day)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE identity_nodes AS
SELECT as_of, source, record AS code FROM identity_edges WHERE record IS NOT NULL
UNION
SELECT as_of, source, id FROM identity_edges WHERE id IS NOT NULL;

CREATE OR REPLACE TEMP TABLE identity_carried AS
SELECT
    as_of,
    source,
    identity_values.type AS type,
    id AS code,
    count(*) > coalesce(
        any_value(own.most), (SELECT most FROM identity_limits WHERE type = '*')
    ) AS shared
FROM identity_edges
JOIN identity_values ON code = id
-- A conversation is an occasion, not a person's record: its addresses have a limit of their own.
LEFT JOIN identity_limits AS own
    ON own.type = CASE source WHEN 'mavenoid' THEN 'conversation' ELSE identity_values.type END
WHERE record IS NOT NULL AND identity_values.type <> 'amplitude_id'
GROUP BY as_of, source, identity_values.type, id;

CREATE OR REPLACE TEMP TABLE identity_shared AS
SELECT DISTINCT as_of, code FROM identity_carried WHERE shared;

UPDATE identity_edges
SET id = NULL
WHERE (as_of, id) IN (FROM identity_shared);
