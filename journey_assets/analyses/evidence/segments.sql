-- The channel segments of the newest snapshot, all of them, the largest first.
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  segment,
  profiles,
  all_profiles,
  share,
  share_low,
  share_high,
  avg_ltv,
  ltv_low,
  ltv_high,
  median_ltv,
  avg_known_ltv,
  known_ltv,
  ltv_ratio,
  standardised_ltv_ratio,
  standardised_ltv_low,
  standardised_ltv_high,
  avg_web,
  avg_mobile,
  avg_email,
  top_plans,
  top_plan_profiles[1] AS first_plan_profiles,
  top_plan_shares[1] AS first_plan_share
FROM evidence_channels_segments
ORDER BY profiles DESC, segment
