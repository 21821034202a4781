-- The links that each as_of sees: of Amplitude and Mavenoid those of the trailing window's days, of
-- Segment those of the newest snapshot in it.
-- Reads: windows, identity_links. Leaves: identity_days (source and day seen by an as_of),
--        identity_edges (as_of, source, record, id), identity_nodes (as_of, source, code).

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
