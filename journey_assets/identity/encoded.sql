-- Every distinct value once, as a small integer: strings are normalised, compared and hashed here
-- and nowhere after. Codes rise with (rank of the type, type, length, value), so that the smallest
-- code of a person is what the person is named by: a user id if there is one. Shorter before longer
-- puts Amplitude's running numbers in the order in which they were given out.
-- Reads: identity_observed, identity_seen; needs normal_value, without_blanks,
--        safe_profile_key.
-- Leaves: identity_values (code, type, value), identity_codes (type, raw, code),
--         identity_links, identity_devices.

CREATE OR REPLACE TEMP TABLE identity_normal AS
WITH found AS (
    SELECT record_type AS type, record AS raw FROM identity_observed
    UNION
    SELECT id_type, id FROM identity_observed
    UNION
    SELECT 'device_id', device_id FROM identity_seen
)
SELECT
    type,
    raw,
    -- Profile keys and conversations name records; nothing about them is blocked.
    CASE type
        WHEN 'profile_key' THEN safe_profile_key(raw)
        WHEN 'conversation' THEN raw
        ELSE normal_value(type, tidy)
    END AS value
FROM (SELECT type, raw, without_blanks(raw) AS tidy FROM found);

-- A table keeps the order it was made in, and rowid counts it from 0: a third of the time of a
-- window function over the same order.
CREATE OR REPLACE TEMP TABLE identity_ordered AS
SELECT type, value
FROM (SELECT DISTINCT type, value FROM identity_normal WHERE value IS NOT NULL)
JOIN (
    SELECT type, row_number() OVER (ORDER BY rank, type) AS position
    FROM (
        SELECT DISTINCT
            type,
            CASE type
                WHEN 'user_id' THEN 0
                WHEN 'amplitude_id' THEN 1
                WHEN 'email' THEN 2
                WHEN 'profile_key' THEN 4
                WHEN 'conversation' THEN 5
                ELSE 3
            END AS rank
        FROM identity_normal
    )
) USING (type)
ORDER BY position * 4294967296 + length(value), value;

CREATE OR REPLACE TEMP VIEW identity_values AS
SELECT rowid::INTEGER AS code, type, value FROM identity_ordered;

CREATE OR REPLACE TEMP TABLE identity_codes AS
SELECT type, raw, code
FROM identity_normal
JOIN identity_values USING (type, value);

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
