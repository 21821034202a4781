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
  avg_web,
  avg_mobile,
  avg_email,
  avg_identity_count,
  few_identifiers,
  few_identifiers_share,
  top_plans
FROM evidence_channels_segments
ORDER BY profiles DESC, segment
