-- How the sources join in persons, how large components are, and where they join too much.
-- A component is over-merged with two user ids, or with more than five identifiers of another type
-- (Segment's default limits for a profile; Amplitude ids have none).
-- Reads: windows, identity_days, identity_edges, identity_owned, identity_values, identity_devices.
-- Leaves: identity_person_measures (as_of, measure, unit, numerator, denominator).

CREATE OR REPLACE TEMP TABLE identity_person_measures AS
WITH known AS (
    SELECT DISTINCT as_of, source, person FROM identity_owned WHERE person IS NOT NULL
),
sources(source) AS (VALUES ('amplitude'), ('segment'), ('mavenoid')),
identifiers AS (
    SELECT DISTINCT as_of, component, code, type, person
    FROM identity_owned
    WHERE type NOT IN ('profile_key', 'conversation')
),
components AS (
    SELECT
        as_of,
        component,
        sum(n) AS size,
        bool_or(type = 'user_id' AND n > 1) AS by_user_ids,
        bool_or(type NOT IN ('user_id', 'amplitude_id') AND n > 5) AS by_limits
    FROM (
        SELECT as_of, component, type, count(*) AS n FROM identifiers GROUP BY ALL
    )
    GROUP BY ALL
),
sizes(measure, smallest, largest) AS (
    VALUES ('1', 1, 1), ('2', 2, 2), ('3-5', 3, 5), ('6-10', 6, 10), ('11+', 11, 9e18::BIGINT)
),
beside AS (
    -- In how many hands an identifier is: the user ids that records carry together with it.
    SELECT as_of, 'segment:' || type AS type, code, count(DISTINCT users.id) AS users
    FROM (
        SELECT as_of, record, code, type
        FROM identity_edges
        JOIN identity_values ON code = id
        WHERE source = 'segment' AND type <> 'user_id'
    )
    LEFT JOIN (
        SELECT as_of, record, id
        FROM identity_edges
        JOIN identity_values ON code = id
        WHERE source = 'segment' AND type = 'user_id'
    ) AS users USING (as_of, record)
    GROUP BY ALL
    UNION ALL
    SELECT as_of, 'amplitude:device_id', NULL, count(DISTINCT user)
    FROM identity_days
    JOIN identity_devices USING (day)
    WHERE source = 'amplitude'
    GROUP BY as_of, device
),
shared AS (
    SELECT as_of, type, users FROM beside
    UNION ALL
    SELECT as_of, 'devices', users
    FROM beside
    WHERE regexp_full_match(type, 'amplitude:device_id|segment:((ios|android)\..*|anonymous_id)')
),
types AS (
    SELECT as_of, type
    FROM windows, (VALUES ('amplitude:device_id'), ('segment:email'), ('devices')) AS usual(type)
    UNION
    SELECT as_of, type FROM shared
)
SELECT
    as_of,
    'linkable:' || source || ':' || other AS measure,
    'persons' AS unit,
    count(person) FILTER (theirs.other IS NOT NULL) AS numerator,
    count(person) AS denominator
FROM windows
JOIN sources ON true
JOIN (SELECT source AS other FROM sources) AS others ON other <> source
LEFT JOIN known USING (as_of, source)
LEFT JOIN (SELECT as_of, source AS other, person FROM known) AS theirs
    USING (as_of, other, person)
GROUP BY as_of, source, other
UNION ALL
SELECT
    as_of, 'component_size:' || measure, 'components',
    count(*) FILTER (size BETWEEN smallest AND largest), count(size)
FROM windows
JOIN sizes ON true
LEFT JOIN components USING (as_of)
GROUP BY as_of, measure
UNION ALL
SELECT
    as_of, 'over_merged:' || reason, 'components',
    count(*) FILTER (
        (reason <> 'limits' AND by_user_ids) OR (reason <> 'user_ids' AND by_limits)
    ),
    count(size)
FROM windows
JOIN (VALUES ('user_ids'), ('limits'), ('any')) AS reasons(reason) ON true
LEFT JOIN components USING (as_of)
GROUP BY as_of, reason
UNION ALL
SELECT as_of, 'shared:' || type, 'identifiers', count(*) FILTER (users > 1), count(users)
FROM types
LEFT JOIN shared USING (as_of, type)
GROUP BY as_of, type
UNION ALL
SELECT as_of, 'unassigned:identifiers', 'identifiers',
    count(code) FILTER (person IS NULL), count(code)
FROM windows
LEFT JOIN identifiers USING (as_of)
GROUP BY as_of;
