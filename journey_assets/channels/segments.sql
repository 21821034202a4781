-- The segments of each snapshot: counts, means, ranked plans, gaps; and, per as_of, whom the other
-- vendors know and what became of the persons.
-- Reads: channel_snapshots, classified, profile_persons, person_segments, segment_ways,
--        ltv_intervals, standardised_ltv; needs the rate macros. Leaves: result_channels_segments.

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
        count(*) FILTER (identity_count <= 2) AS few_identifiers,
        count(*) FILTER (NOT has_email) AS without_email,
        count(*) FILTER (NOT has_user_id) AS without_user_id
    FROM classified
    GROUP BY snapshot_date, segment
),
everyone AS (
    SELECT snapshot_date, avg(ltv ORDER BY ltv) AS avg_of_all FROM classified GROUP BY snapshot_date
),
known AS (
    SELECT
        as_of,
        segment,
        count(*) FILTER (in_amplitude) AS in_amplitude,
        count(*) FILTER (in_mavenoid) AS in_mavenoid,
        count(*) FILTER (in_amplitude OR in_mavenoid) AS linked
    FROM profile_persons
    JOIN classified USING (snapshot_date, raw_key)
    GROUP BY ALL
),
persons AS (
    SELECT as_of, segment, count(*) AS persons FROM person_segments GROUP BY ALL
),
gathered AS (
    SELECT
        channel_snapshots.as_of,
        measured.*,
        plans.* EXCLUDE (snapshot_date, segment),
        ltv_intervals.* EXCLUDE (snapshot_date, segment),
        standardised_ltv.* EXCLUDE (snapshot_date, segment),
        avg_known_ltv / nullif(avg_of_all, 0) AS ltv_ratio,
        coalesce(known.in_amplitude, 0) AS in_amplitude,
        coalesce(known.in_mavenoid, 0) AS in_mavenoid,
        profiles - coalesce(known.in_amplitude, 0) AS without_amplitude,
        profiles - coalesce(known.linked, 0) AS unlinked,
        coalesce(persons.persons, 0) AS persons,
        coalesce(segment_ways.persons_with_path, 0) AS persons_with_path,
        avg_path_length,
        median_path_length,
        converters
    FROM channel_snapshots
    JOIN measured USING (snapshot_date)
    JOIN plans USING (snapshot_date, segment)
    JOIN ltv_intervals USING (snapshot_date, segment)
    LEFT JOIN standardised_ltv USING (snapshot_date, segment)
    LEFT JOIN everyone USING (snapshot_date)
    LEFT JOIN known USING (as_of, segment)
    LEFT JOIN persons USING (as_of, segment)
    LEFT JOIN segment_ways USING (as_of, segment)
)
SELECT
    *,
    list_transform(top_plan_profiles, lambda n: n / profiles) AS top_plan_shares,
    profiles / all_profiles AS share,
    wilson_low(profiles, all_profiles) AS share_low,
    wilson_high(profiles, all_profiles) AS share_high,
    small_totals / profiles AS small_total_share,
    few_identifiers / profiles AS few_identifiers_share,
    wilson_low(few_identifiers, profiles) AS few_identifiers_low,
    wilson_high(few_identifiers, profiles) AS few_identifiers_high,
    without_email / profiles AS without_email_share,
    wilson_low(without_email, profiles) AS without_email_low,
    wilson_high(without_email, profiles) AS without_email_high,
    without_user_id / profiles AS without_user_id_share,
    wilson_low(without_user_id, profiles) AS without_user_id_low,
    wilson_high(without_user_id, profiles) AS without_user_id_high,
    without_amplitude / profiles AS without_amplitude_share,
    wilson_low(without_amplitude, profiles) AS without_amplitude_low,
    wilson_high(without_amplitude, profiles) AS without_amplitude_high,
    unlinked / profiles AS unlinked_share,
    wilson_low(unlinked, profiles) AS unlinked_low,
    wilson_high(unlinked, profiles) AS unlinked_high,
    rate(converters, persons_with_path) AS conversion_rate,
    rate_low(converters, persons_with_path) AS conversion_rate_low,
    rate_high(converters, persons_with_path) AS conversion_rate_high
FROM gathered;
