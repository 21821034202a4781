-- Every distinct value once, as a small integer: strings are normalised, compared and hashed here
-- and nowhere after. Codes rise with (rank of the type, type, length, value), so that the smallest
-- code of a person is what the person is named by: a user id if there is one. Shorter before longer
-- puts Amplitude's running numbers in the order in which they were given out.
-- Reads: identity_observed, identity_seen; needs normal_value.
-- Leaves: identity_codes (type, raw, code), identity_values (code, type, value),
--         identity_links, identity_devices.

CREATE OR REPLACE TEMP TABLE identity_codes AS
WITH found AS (
    SELECT record_type AS type, record AS raw FROM identity_observed
    UNION
    SELECT id_type, id FROM identity_observed
    UNION
    SELECT 'device_id', device_id FROM identity_seen
),
normal AS (SELECT type, raw, normal_value(type, raw) AS value FROM found),
ranked AS (
    SELECT
        *,
        CASE type
            WHEN 'user_id' THEN 0
            WHEN 'amplitude_id' THEN 1
            WHEN 'email' THEN 2
            WHEN 'profile_key' THEN 4
            WHEN 'conversation' THEN 5
            ELSE 3
        END AS rank
    FROM normal
    WHERE value IS NOT NULL
)
SELECT
    type,
    raw,
    value,
    (dense_rank() OVER (ORDER BY rank, type, length(value), value) - 1)::INTEGER AS code
FROM ranked;

CREATE OR REPLACE TEMP TABLE identity_values AS
SELECT DISTINCT code, type, value FROM identity_codes;

CREATE OR REPLACE TEMP TABLE identity_links AS
SELECT
    source,
    day,
    records.code AS record,
    ids.code AS id,
    bool_or(is_event AND ids.code IS NULL) AS anonymous
FROM identity_observed
LEFT JOIN identity_codes AS records
    ON records.type = record_type AND records.raw = identity_observed.record
LEFT JOIN identity_codes AS ids
    ON ids.type = id_type AND ids.raw = identity_observed.id
GROUP BY ALL;

-- Amplitude's devices do not join people: one telephone in two hands is common, and Amplitude has
-- already merged what it trusts. They are kept to report the shared ones.
CREATE OR REPLACE TEMP TABLE identity_devices AS
SELECT DISTINCT day, devices.code AS device, users.code AS user
FROM identity_seen
JOIN identity_codes AS devices ON devices.type = 'device_id' AND devices.raw = device_id
LEFT JOIN identity_codes AS users ON users.type = 'user_id' AND users.raw = user_id;
