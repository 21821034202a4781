-- Who is who at each as_of of the run, and what its windows cover, copied while the file is open.
-- Reads: source_owners (owners with events in the windows), source_earlier_owners (those who have some
--        only before), source_persons, source_users, source_ledger (views of the store),
--        journey_history, windows; variable journeys_use_lists; needs pseudonym, safe_identifier,
--        without_blanks, normal_value.
-- Leaves: type journey_cohort, journey_ids, journey_lists, journey_names, journey_identified,
--         journey_unidentified, journey_windows, journey_earlier.

-- The cohorts' labels, `converter` before the others: those of lists, and what people are called who
-- are in none of the cohorts that are compared.
CREATE OR REPLACE TYPE journey_cohort AS ENUM (
    SELECT cohort
    FROM (
        SELECT cohort FROM source_users WHERE cohort IS NOT NULL
        UNION
        VALUES ('converter'), ('non_converter'), ('earlier_converter'), ('both_lists')
    )
    ORDER BY cohort <> 'converter', cohort
);

-- Whose an event is, as a code per pair of Amplitude id and user id: the person of its user id, so
-- that no path holds two users of one device, else the person that identity gives the Amplitude id
-- to. An identifier is named as identity.persons names it; one that means nobody counts as none.
-- Codes rise with the ids: they break ties of time. An owner is the code of raw.event_owners, NULL of
-- a pair that has only been on a list; the place is where its events stand in the arrays, in the order
-- in which the store has them.
CREATE OR REPLACE TEMP TABLE journey_named_pairs AS
WITH pairs AS (
    SELECT
        amplitude_id,
        user_id,
        max(owner) AS owner,
        max(shard) AS shard,
        bool_and(earlier) AS earlier
    FROM (
        SELECT amplitude_id, user_id, owner, shard, false AS earlier
        FROM source_owners
        UNION ALL
        SELECT amplitude_id, user_id, owner, shard, true
        FROM source_earlier_owners
        UNION ALL
        SELECT DISTINCT amplitude_id, user_id, NULL, NULL, false
        FROM source_users
        WHERE amplitude_id IS NOT NULL
    )
    GROUP BY ALL
),
-- User ids that too many Amplitude ids carry: identity gives them to nobody.
shared AS (
    SELECT list(DISTINCT id_value) AS ids
    FROM source_persons
    WHERE source = 'amplitude'
        AND id_type = 'user_id'
        AND person_id IS NULL
        AND as_of IN (SELECT as_of FROM windows)
),
named AS (
    SELECT
        pairs.*,
        CASE
            WHEN shared.ids IS NULL OR NOT list_contains(shared.ids, safe_identifier(normal_user))
            THEN normal_user
        END AS named_user
    FROM (SELECT *, normal_value('user_id', without_blanks(user_id)) AS normal_user FROM pairs) AS pairs,
        shared
)
SELECT
    owner,
    shard,
    earlier,
    amplitude_id,
    user_id,
    CASE WHEN named_user IS NULL THEN 'amplitude_id' ELSE 'user_id' END AS id_type,
    coalesce(named_user, amplitude_id::VARCHAR) AS value
FROM named;

CREATE OR REPLACE TEMP TABLE journey_ids AS
SELECT
    (row_number() OVER (ORDER BY amplitude_id, user_id))::UINTEGER AS id,
    owner,
    shard,
    (row_number() OVER (ORDER BY shard, owner) - 1)::BIGINT AS place,
    amplitude_id,
    user_id,
    id_type,
    value,
    0 AS part
FROM journey_named_pairs
WHERE NOT earlier;

-- The snapshot of tracked users that speaks for an as_of: the newest that is not younger, else the
-- oldest of the younger ones (what has no history is stored under a run's last day). One without
-- rows counts: a team that gave its lists up has no lists.
CREATE OR REPLACE TEMP TABLE journey_lists AS
WITH snapshots AS (
    SELECT
        as_of,
        coalesce(max(event_date) FILTER (event_date <= as_of), min(event_date)) AS event_date
    FROM windows, (
        SELECT partition AS event_date FROM source_ledger WHERE table_name = 'raw.amplitude_users'
        UNION
        SELECT event_date FROM source_users
    )
    GROUP BY as_of
)
SELECT DISTINCT as_of, id, cohort::journey_cohort AS cohort
FROM source_users
JOIN snapshots USING (event_date)
LEFT JOIN journey_ids
    ON journey_ids.amplitude_id = source_users.amplitude_id
    AND journey_ids.user_id IS NOT DISTINCT FROM source_users.user_id
WHERE cohort IS NOT NULL AND getvariable('journeys_use_lists');

-- Who is behind an id at each as_of. Names are long and repeat from day to day, so they are replaced
-- by codes at once. An id without a row is a person of its own, under the name that identity gives
-- to an identifier that stands alone.
CREATE OR REPLACE TEMP TABLE journey_named AS
SELECT as_of, id, person_id
FROM source_persons
JOIN (SELECT *, safe_identifier(value) AS id_value FROM journey_ids) USING (id_type, id_value)
WHERE source = 'amplitude'
    AND person_id IS NOT NULL
    AND as_of IN (SELECT as_of FROM windows);

CREATE OR REPLACE TEMP TABLE journey_alone AS
SELECT id, pseudonym('person', id_type || ':' || value) AS person_id
FROM journey_ids
ANTI JOIN (
    SELECT id
    FROM journey_named
    GROUP BY id
    HAVING count(*) = (SELECT count(*) FROM windows)
) USING (id);

-- The codes of persons follow the places of their ids, so that arrays are read from front to back.
CREATE OR REPLACE TEMP TABLE journey_names AS
SELECT (row_number() OVER (ORDER BY min(place), person_id))::UINTEGER AS person, person_id
FROM (
    SELECT id, person_id FROM journey_named
    UNION ALL
    SELECT id, person_id FROM journey_alone
)
JOIN journey_ids USING (id)
GROUP BY person_id;

CREATE OR REPLACE TEMP TABLE journey_unidentified AS
SELECT id, person
FROM journey_alone
JOIN journey_names USING (person_id);

CREATE OR REPLACE TEMP TABLE journey_identified AS
SELECT as_of, id, person
FROM journey_named
JOIN journey_names USING (person_id);

-- Each as_of with where its cohorts come from and how far its window is observed: to the end of its
-- last day, or of the last day whose events were materialized if that is earlier. Whole days, since
-- a partition is fetched as a whole: the last event's own time would call whoever made it still
-- active, on a quiet day hours before its end. Labels are cohorts that are not the outcome.
CREATE OR REPLACE TEMP TABLE journey_windows AS
SELECT
    as_of,
    first_day,
    as_of IN (SELECT as_of FROM journey_lists) AS by_lists,
    as_of IN (
        SELECT as_of FROM journey_lists WHERE cohort NOT IN ('converter', 'non_converter')
    ) AS by_labels,
    (coalesce(max(partition), as_of) + 1)::TIMESTAMP AS observed_until
FROM windows
LEFT JOIN (FROM source_ledger WHERE table_name = 'raw.amplitude_events')
    ON partition BETWEEN first_day AND as_of
GROUP BY as_of, first_day;

-- What persons did before the last window begins: the first days with an event, and with a conversion
-- event, of the ids that they have at an as_of. An id with events in the windows has a row for all
-- as_ofs, with its place; so has one that is named alike. Others are persons' through identity.
CREATE OR REPLACE TEMP TABLE journey_earlier AS
WITH before AS (
    SELECT id_type, value, min(first_day) AS first_day, min(converted_day) AS converted_day
    FROM journey_named_pairs
    JOIN journey_history USING (owner)
    GROUP BY ALL
)
SELECT NULL::DATE AS as_of, place, NULL::UINTEGER AS person, first_day, converted_day
FROM before
JOIN journey_ids USING (id_type, value)
WHERE owner IS NOT NULL
UNION ALL
SELECT as_of, NULL, person, min(first_day), min(converted_day)
FROM before
ANTI JOIN journey_ids USING (id_type, value)
JOIN source_persons
    ON source_persons.id_type = before.id_type AND id_value = safe_identifier(value)
JOIN journey_names USING (person_id)
WHERE source = 'amplitude' AND as_of IN (SELECT as_of FROM windows)
GROUP BY ALL;

DROP TABLE journey_named;
DROP TABLE journey_alone;
DROP TABLE journey_named_pairs;
DROP TABLE journey_history;
