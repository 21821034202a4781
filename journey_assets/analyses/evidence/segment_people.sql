-- Conversion and identity gaps of the channel segments, all of them, the largest first.
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  segment,
  persons_with_path,
  converters,
  conversion_rate,
  conversion_rate_low,
  conversion_rate_high,
  avg_path_length,
  profiles,
  avg_identity_count,
  few_identifiers_share,
  without_email_share,
  without_user_id_share,
  without_amplitude_share
FROM evidence_channels_segments
ORDER BY profiles DESC, segment
