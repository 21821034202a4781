-- The person of each profile at each as_of, and which other vendors know that person.
-- Reads: channel_snapshots, classified, channels_persons. Leaves: profile_persons.
-- identity.persons names a profile by its key (source 'segment', id_type 'profile_key').

CREATE OR REPLACE TEMP TABLE profile_persons AS
WITH vendors AS (
    SELECT
        as_of,
        person_id,
        bool_or(source = 'amplitude') AS in_amplitude,
        bool_or(source = 'mavenoid') AS in_mavenoid
    FROM channels_persons
    SEMI JOIN channel_snapshots USING (as_of)
    GROUP BY ALL
),
profiles AS (
    SELECT DISTINCT as_of, id_value AS safe_key, person_id
    FROM channels_persons
    WHERE source = 'segment' AND id_type = 'profile_key'
)
SELECT as_of, snapshot_date, raw_key, person_id, in_amplitude, in_mavenoid
FROM channel_snapshots
JOIN classified USING (snapshot_date)
JOIN profiles USING (as_of, safe_key)
JOIN vendors USING (as_of, person_id);
