-- Where the profiles of each as_of's previous snapshot are in its newest one, new and gone ones
-- included. Reads: channel_snapshots, classified; needs the Wilson macros.
-- Leaves: result_channels_segment_moves.

CREATE OR REPLACE TEMP TABLE result_channels_segment_moves AS
WITH pairs AS (
    SELECT DISTINCT previous_date, snapshot_date
    FROM channel_snapshots
    WHERE previous_date IS NOT NULL
),
earlier AS (
    SELECT pairs.*, raw_key, segment, ltv
    FROM pairs JOIN classified ON classified.snapshot_date = pairs.previous_date
),
later AS (
    SELECT pairs.*, raw_key, segment, ltv
    FROM pairs JOIN classified USING (snapshot_date)
),
moved AS (
    SELECT
        previous_date,
        snapshot_date,
        coalesce(earlier.segment, 'new') AS from_segment,
        coalesce(later.segment, 'gone') AS to_segment,
        count(*) AS profiles,
        avg(earlier.ltv ORDER BY earlier.ltv) AS avg_ltv_before,
        avg(later.ltv ORDER BY later.ltv) AS avg_ltv_after
    FROM earlier
    FULL JOIN later USING (previous_date, snapshot_date, raw_key)
    GROUP BY ALL
)
SELECT
    as_of,
    from_segment,
    to_segment,
    profiles,
    previous_date AS previous_snapshot_date,
    snapshot_date,
    sum(profiles) OVER origin::BIGINT AS from_profiles,
    profiles / from_profiles AS share,
    wilson_low(profiles, from_profiles) AS share_low,
    wilson_high(profiles, from_profiles) AS share_high,
    avg_ltv_before,
    avg_ltv_after
FROM channel_snapshots
JOIN moved USING (previous_date, snapshot_date)
WINDOW origin AS (PARTITION BY as_of, from_segment);
