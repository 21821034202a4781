-- Divergence points: the $limit that are proven different and rank highest; what is not proven, has too
-- few persons or ranks lower is only counted, by verdict: it is no claim.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY verdict ORDER BY rank, cohort, event_type) AS place
  FROM evidence_journeys_divergence_points
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  event_type,
  verdict,
  family_q,
  jsd_corrected,
  jsd_low,
  jsd_high,
  n_converters,
  top_next_converters[1].event_type AS next_converters,
  top_next_converters[1].share AS next_converters_share,
  top_next_converters[2].event_type AS second_converters,
  top_next_converters[2].share AS second_converters_share,
  n_non_converters,
  top_next_non_converters[1].event_type AS next_others,
  top_next_non_converters[1].share AS next_others_share,
  top_next_non_converters[2].event_type AS second_others,
  top_next_non_converters[2].share AS second_others_share,
  place
FROM ranked
WHERE verdict = 'different' AND place <= $limit
UNION ALL BY NAME
SELECT
  'others' AS fold,
  count(*) AS folded,
  verdict,
  $limit + 1 + list_position(['different', 'not_different', 'insufficient'], verdict) AS place
FROM ranked
WHERE verdict <> 'different' OR place > $limit
GROUP BY verdict
ORDER BY place, verdict
