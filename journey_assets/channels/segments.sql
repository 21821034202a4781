-- The segments of each snapshot: counts, means, ranked plans, gaps; and, per as_of, whom the other
-- vendors know. Reads: channel_snapshots, classified, profile_persons, ltv_intervals; needs the
-- Wilson macros. Leaves: result_channels_segments.

CREATE OR REPLACE TEMP TABLE result_channels_segments AS
WITH ranked_plans AS (
    SELECT
        snapshot_date,
        segment,
        coalesce(plan, 'unknown') AS plan,
        count(*) AS n,
        row_number() OVER (
            PARTITION BY snapshot_date, segment ORDER BY count(*) DESC, coalesce(plan, 'unknown')
        ) AS rank
    FROM classified
    GROUP BY snapshot_date, segment, coalesce(plan, 'unknown')
),
plans AS (
    SELECT
        snapshot_date,
        segment,
        list(plan ORDER BY rank) FILTER (rank <= 3) AS top_plans,
        list(n ORDER BY rank) FILTER (rank <= 3) AS top_plan_profiles,
        coalesce(sum(n) FILTER (rank > 3), 0)::BIGINT AS other_plan_profiles
    FROM ranked_plans
    GROUP BY ALL
),
measured AS (
    SELECT
        snapshot_date,
        segment,
        count(*) AS profiles,
        sum(count(*)) OVER (PARTITION BY snapshot_date)::BIGINT AS all_profiles,
        -- In a fixed order: floating-point sums depend on it, and rows must not.
        avg(coalesce(ltv, 0) ORDER BY ltv) AS avg_ltv,
        avg(coalesce(web, 0)) AS avg_web,
        avg(coalesce(mobile, 0)) AS avg_mobile,
        avg(coalesce(email, 0)) AS avg_email,
        avg(identity_count) AS avg_identity_count,
        count(ltv) AS known_ltv,
        avg(ltv ORDER BY ltv) AS avg_known_ltv,
        quantile_cont(ltv, 0.5) AS median_ltv,
        count(*) FILTER (web IS NULL) AS missing_web,
        count(*) FILTER (mobile IS NULL) AS missing_mobile,
        count(*) FILTER (email IS NULL) AS missing_email,
        count(*) FILTER (missing_counts = 3) AS missing_all,
        count(*) FILTER (small_total) AS small_totals,
        count(*) FILTER (traits_window_days < 30) AS short_windows,
        count(*) FILTER (identity_count <= 2) AS few_identifiers
    FROM classified
    GROUP BY snapshot_date, segment
),
known AS (
    SELECT
        as_of,
        segment,
        count(*) FILTER (in_amplitude) AS in_amplitude,
        count(*) FILTER (in_mavenoid) AS in_mavenoid
    FROM profile_persons
    JOIN classified USING (snapshot_date, raw_key)
    GROUP BY ALL
)
SELECT
    channel_snapshots.as_of,
    measured.segment,
    measured.* EXCLUDE (snapshot_date, segment),
    channel_snapshots.snapshot_date,
    plans.top_plans,
    plans.top_plan_profiles,
    plans.other_plan_profiles,
    profiles / all_profiles AS share,
    wilson_low(profiles, all_profiles) AS share_low,
    wilson_high(profiles, all_profiles) AS share_high,
    ltv_intervals.* EXCLUDE (snapshot_date, segment),
    small_totals / profiles AS small_total_share,
    few_identifiers / profiles AS few_identifiers_share,
    wilson_low(few_identifiers, profiles) AS few_identifiers_low,
    wilson_high(few_identifiers, profiles) AS few_identifiers_high,
    coalesce(known.in_amplitude, 0) AS in_amplitude,
    coalesce(known.in_mavenoid, 0) AS in_mavenoid
FROM channel_snapshots
JOIN measured USING (snapshot_date)
JOIN plans USING (snapshot_date, segment)
JOIN ltv_intervals USING (snapshot_date, segment)
LEFT JOIN known ON known.as_of = channel_snapshots.as_of AND known.segment = measured.segment;
