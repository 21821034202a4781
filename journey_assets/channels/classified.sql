-- The channel segment of every profile of the snapshots that some as_of of the run uses.
-- Reads: windows, channels_profiles, channels_external_ids; needs safe_profile_key, normal_type.
-- Leaves: channel_snapshots (as_of, snapshot_date, previous_date),
--         classified (a row per snapshot and profile).

CREATE OR REPLACE TEMP TABLE channel_snapshots AS
SELECT as_of, newest[1] AS snapshot_date, newest[2] AS previous_date
FROM (
    SELECT as_of, max(taken.snapshot_date, 2) AS newest
    FROM windows
    JOIN (SELECT DISTINCT snapshot_date FROM channels_profiles) AS taken
        ON taken.snapshot_date BETWEEN first_day AND as_of
    GROUP BY as_of
);

CREATE OR REPLACE TEMP TABLE classified AS
WITH used AS (
    SELECT snapshot_date FROM channel_snapshots
    UNION
    SELECT previous_date FROM channel_snapshots WHERE previous_date IS NOT NULL
),
types AS MATERIALIZED (
    SELECT id_type, dense_rank() OVER (ORDER BY normal_type(id_type))::INTEGER AS code
    FROM (SELECT DISTINCT id_type FROM channels_external_ids)
),
coded AS (
    SELECT snapshot_date, profile_key, count(*) AS identity_count, list(code) AS codes
    FROM channels_external_ids
    JOIN types USING (id_type)
    GROUP BY ALL
),
named AS (
    -- Few combinations of types occur: they are put in order once each, not once a profile.
    SELECT
        codes,
        list_transform(
            list_sort(list_distinct(codes)),
            lambda code: names.listed[code]
        ) AS id_types
    FROM (SELECT DISTINCT codes FROM coded)
    CROSS JOIN (
        SELECT list(DISTINCT normal_type(id_type) ORDER BY normal_type(id_type)) AS listed
        FROM types
    ) AS names
),
identities AS (
    SELECT snapshot_date, profile_key, identity_count, id_types FROM coded JOIN named USING (codes)
),
counted AS (
    SELECT
        *,
        coalesce(web, 0) + coalesce(mobile, 0) + coalesce(email, 0) AS total,
        (web IS NULL)::INTEGER + (mobile IS NULL)::INTEGER + (email IS NULL)::INTEGER
            AS missing_counts
    FROM (
        SELECT
            snapshot_date,
            profile_key AS raw_key,
            web_sessions_30d AS web,
            mobile_sessions_30d AS mobile,
            emails_opened_30d AS email,
            ltv,
            plan,
            traits_window_days,
            coalesce(trim(channels_profiles.email), '') <> '' AS has_email_trait
        FROM channels_profiles
        SEMI JOIN used USING (snapshot_date)
    )
),
shared AS (
    SELECT
        *,
        coalesce(web, 0) / nullif(total, 0) AS web_share,
        coalesce(mobile, 0) / nullif(total, 0) AS mobile_share,
        coalesce(email, 0) / nullif(total, 0) AS email_share
    FROM counted
)
SELECT
    shared.*,
    safe_profile_key(raw_key) AS safe_key,
    row_number() OVER (
        PARTITION BY shared.snapshot_date, safe_profile_key(raw_key) ORDER BY raw_key
    ) AS twin,
    -- Two keys that differ in the case of an address alone are two profiles still.
    safe_key || CASE WHEN twin > 1 THEN '#' || twin ELSE '' END AS profile_key,
    CASE
        WHEN total = 0 THEN 'inactive'
        WHEN web_share > 0.5 THEN 'web_dominant'
        WHEN mobile_share > 0.5 THEN 'mobile_dominant'
        WHEN email_share > 0.5 THEN 'email_dominant'
        ELSE 'omnichannel'
    END AS segment,
    total BETWEEN 1 AND 4 AS small_total,
    coalesce(identity_count, 0) AS identity_count,
    coalesce(id_types, []) AS id_types,
    -- A profile's key is one of its identifiers, also where Segment lists no external ids.
    has_email_trait OR starts_with(raw_key, 'email:')
        OR list_contains(coalesce(id_types, []), 'email') AS has_email,
    starts_with(raw_key, 'user_id:')
        OR list_contains(coalesce(id_types, []), 'user_id') AS has_user_id
FROM shared
LEFT JOIN identities
    ON identities.snapshot_date = shared.snapshot_date AND identities.profile_key = raw_key;
