-- One row per profile key and per identifier, from the parsed records of a snapshot.
--
-- An identifier belongs to one profile of a space, so two records whose key is an identifier are two
-- readings of one profile (asked for by two identifiers, or moved between pages while we read): the
-- later reading counts. A key made from the e-mail trait names nobody for certain: of several such
-- records the first stays, one that says the same is a repeat, one that says something else is noted.

CREATE OR REPLACE TEMP TABLE kept_segment_profiles AS
FROM parsed_segment_profiles
QUALIFY row_number() OVER (
    PARTITION BY profile_key
    ORDER BY from_email, CASE WHEN from_email THEN line_no ELSE -line_no END
) = 1;

INSERT INTO rejected_segment_profiles BY NAME
SELECT
    other.snapshot_date AS reject_date,
    'raw.segment_profiles' AS table_name,
    'external_ids' AS field,
    'another profile has this e-mail, and no identifier tells them apart' AS reason,
    false AS kept,
    'profiles' AS file,
    other.line_no + 1 AS line,
    sha256(other.traits::VARCHAR) AS hash
FROM parsed_segment_profiles AS other
JOIN kept_segment_profiles AS kept USING (profile_key)
WHERE other.from_email AND other.line_no <> kept.line_no AND other.traits <> kept.traits;

CREATE OR REPLACE TEMP TABLE kept_segment_external_ids AS
FROM parsed_segment_external_ids
QUALIFY row_number() OVER (
    PARTITION BY profile_key, id_type, id_value ORDER BY line_no DESC
) = 1;
