-- How well the records of each source are identified: Amplitude ids, Segment profiles, Mavenoid
-- conversations.
-- Reads: windows, identity_edges, identity_owned, identity_values, identity_carried.
-- Leaves: identity_record_measures (as_of, measure, unit, numerator, denominator).

CREATE OR REPLACE TEMP TABLE identity_record_measures AS
WITH units(source, unit) AS (
    VALUES
        ('amplitude', 'amplitude ids'), ('segment', 'profiles'), ('mavenoid', 'conversations')
),
records AS (
    SELECT DISTINCT as_of, source, unit, record, person
    FROM identity_edges
    JOIN units USING (source)
    JOIN identity_owned USING (as_of, source)
    WHERE code = record
),
counted AS (SELECT as_of, source, count(*) AS records FROM records GROUP BY ALL),
carried AS (
    SELECT DISTINCT as_of, source, record, type, id
    FROM identity_edges
    JOIN identity_values ON code = id
    WHERE record IS NOT NULL AND type <> 'amplitude_id'
),
-- Types that are always reported, found or not, and those that this as_of has.
types AS (
    SELECT as_of, source, type
    FROM windows,
        (VALUES
            ('amplitude', 'user_id'), ('segment', 'user_id'),
            ('segment', 'email'), ('mavenoid', 'email')
        ) AS usual(source, type)
    UNION
    SELECT as_of, source, type FROM carried
),
few AS (
    SELECT as_of, record
    FROM carried
    WHERE source = 'segment'
    GROUP BY ALL
    HAVING count(*) > 2
),
known AS (
    SELECT DISTINCT as_of, person
    FROM identity_owned
    WHERE source IN ('amplitude', 'segment') AND person IS NOT NULL
)
SELECT
    as_of,
    'id_coverage:' || source || ':' || type AS measure,
    unit,
    count(DISTINCT record) AS numerator,
    coalesce(any_value(records), 0) AS denominator
FROM types
JOIN units USING (source)
LEFT JOIN carried USING (as_of, source, type)
LEFT JOIN counted USING (as_of, source)
GROUP BY as_of, source, type, unit
UNION ALL
SELECT
    as_of, 'few_identifiers:segment', 'profiles',
    count(record) FILTER (few.record IS NULL), count(record)
FROM windows
LEFT JOIN (FROM records WHERE source = 'segment') AS profiles USING (as_of)
LEFT JOIN few USING (as_of, record)
GROUP BY as_of
UNION ALL
SELECT
    as_of, 'anonymous_to_known:amplitude', 'amplitude ids with anonymous events',
    count(record) FILTER (type = 'user_id'), count(record)
FROM windows
LEFT JOIN (
    SELECT DISTINCT as_of, record FROM identity_edges WHERE anonymous AND record IS NOT NULL
) AS anonymous USING (as_of)
LEFT JOIN (FROM records WHERE source = 'amplitude') AS ids USING (as_of, record)
-- A person with a user id is named by it.
LEFT JOIN identity_values ON code = person
GROUP BY as_of
UNION ALL
SELECT
    as_of, 'unmatched:conversations', 'conversations',
    count(record) FILTER (known.person IS NULL), count(record)
FROM windows
LEFT JOIN (FROM records WHERE source = 'mavenoid') AS conversations USING (as_of)
LEFT JOIN known USING (as_of, person)
GROUP BY as_of
UNION ALL
SELECT
    as_of, 'too_shared:' || source || ':' || type, 'identifiers',
    count(*) FILTER (shared), count(*)
FROM identity_carried
GROUP BY as_of, source, type;
