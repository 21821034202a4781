-- Who owns every identifier, as codes.
-- A node that stands alone and is neither a user id, an Amplitude id nor a profile belongs to
-- nobody: a conversation without an e-mail address, an identifier that two user ids share. Neither does
-- one that too many records carry, of whatever type.
-- Reads: identity_nodes, identity_resolved, identity_values, identity_shared. Leaves: identity_owned.

CREATE OR REPLACE TEMP TABLE identity_owned AS
SELECT
    as_of,
    source,
    identity_nodes.code AS code,
    type,
    component,
    CASE
        WHEN identity_shared.code IS NOT NULL THEN NULL
        WHEN NOT alone OR type IN ('user_id', 'amplitude_id', 'profile_key') THEN person
    END AS person
FROM identity_nodes
JOIN identity_resolved USING (as_of, code)
JOIN identity_values USING (code)
LEFT JOIN identity_shared USING (as_of, code);
