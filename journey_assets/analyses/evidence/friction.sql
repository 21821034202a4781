-- Friction signals, and events that go with conversion: the $limit of each that rank highest. Events
-- that are no claim, and those that rank lower, are only counted, by verdict (unlike events do not add
-- up to persons).
WITH ranked AS (
  SELECT
    *,
    list_position(
      ['friction', 'with_conversion', 'no_difference', 'no_conversion_event', 'everyone', 'outcome'],
      verdict
    ) AS kind,
    row_number() OVER (PARTITION BY verdict ORDER BY rank, cohort, event_type) AS place
  FROM evidence_journeys_friction_signals
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  event_type,
  verdict,
  family_q,
  stratified_ratio AS hazard_ratio,
  stratified_low AS hr_low,
  stratified_high AS hr_high,
  CASE WHEN strata_differ THEN stratified_by END AS within,
  CASE WHEN strata_differ THEN hazard_ratio END AS pooled_ratio,
  non_converters_with,
  non_converters,
  non_converters_with / nullif(non_converters, 0) AS share_non_converters,
  converters_with,
  converters,
  converters_with / nullif(converters, 0) AS share_converters,
  rate_ratio,
  kind,
  place
FROM ranked
WHERE kind <= 2 AND place <= $limit
UNION ALL BY NAME
SELECT 'others' AS fold, count(*) AS folded, verdict, any_value(kind) AS kind, $limit + 1 AS place
FROM ranked
WHERE kind > 2 OR kind IS NULL OR place > $limit
GROUP BY verdict
ORDER BY (fold IS NOT NULL), kind NULLS LAST, place, verdict
