-- Every profile of each as_of's snapshot with its segment and person.
-- Reads: channel_snapshots, classified, profile_persons. Leaves: result_channels_profile_channels.

CREATE OR REPLACE TEMP TABLE result_channels_profile_channels AS
SELECT
    channel_snapshots.as_of,
    profile_key,
    person_id,
    segment,
    web,
    mobile,
    email,
    web_share,
    mobile_share,
    email_share,
    ltv,
    plan,
    identity_count,
    id_types,
    classified.snapshot_date,
    total,
    missing_counts,
    small_total,
    traits_window_days
FROM channel_snapshots
JOIN classified USING (snapshot_date)
LEFT JOIN profile_persons USING (as_of, snapshot_date, raw_key);
