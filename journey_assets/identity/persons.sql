-- The person of every identifier, by names that tell nothing; each name is hashed once.
-- Reads: identity_owned, identity_values; needs pseudonym, safe_identifier.
-- Leaves: result_identity_persons.

CREATE OR REPLACE TEMP TABLE result_identity_persons AS
WITH shown AS (
    SELECT
        code,
        -- A profile key is in its safe form since it was normalised.
        CASE type WHEN 'profile_key' THEN value ELSE safe_identifier(value) END AS id_value
    FROM identity_values
),
names AS (
    SELECT code AS person, pseudonym('person', type || ':' || value) AS person_id
    FROM identity_values
    SEMI JOIN identity_owned ON person = identity_values.code
)
SELECT as_of, person_id, source, type AS id_type, id_value
FROM identity_owned
JOIN shown USING (code)
LEFT JOIN names USING (person);
