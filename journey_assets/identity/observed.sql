-- What the sources' rows say about who is who: on a day, a record carries an identifier.
-- A record is an Amplitude id, a Segment profile or a Mavenoid conversation; the identifier is
-- empty where the row carries none. Values are as the vendor wrote them.
-- Reads: identity_events, identity_users, identity_profiles, identity_external_ids,
--        identity_conversations; needs normal_type, support_email.
-- Leaves: identity_seen (distinct Amplitude sightings), identity_observed.

CREATE OR REPLACE TEMP TABLE identity_seen AS
SELECT DISTINCT event_date AS day, amplitude_id::VARCHAR AS amplitude_id, user_id, device_id
FROM identity_events;

CREATE OR REPLACE TEMP TABLE identity_observed AS
WITH tracked AS (
    SELECT
        'amplitude' AS source,
        event_date AS day,
        'amplitude_id' AS record_type,
        coalesce(canonical_amplitude_id, amplitude_id)::VARCHAR AS record,
        user_id,
        list_append(merged_amplitude_ids, amplitude_id) AS others
    FROM identity_users
    WHERE status = 'ok'
)
SELECT DISTINCT
    'amplitude' AS source,
    day,
    'amplitude_id' AS record_type,
    amplitude_id AS record,
    'user_id' AS id_type,
    user_id AS id,
    true AS is_event
FROM identity_seen
UNION ALL
SELECT source, day, record_type, record, 'user_id', user_id, false
FROM tracked
UNION ALL
SELECT source, day, record_type, record, 'amplitude_id', unnest(others)::VARCHAR, false
FROM tracked
UNION ALL
SELECT 'segment', snapshot_date, 'profile_key', profile_key, 'email', email, false
FROM identity_profiles
UNION ALL
SELECT
    'segment', snapshot_date, 'profile_key', profile_key, normal_type(id_type), id_value, false
FROM identity_external_ids
UNION ALL
SELECT
    'mavenoid',
    conversation_date,
    'conversation',
    id,
    'email',
    support_email(form_data),
    false
FROM identity_conversations;
