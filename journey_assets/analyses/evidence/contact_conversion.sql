-- Conversion after a contact: the $limit states where it is proven to differ, smallest q first, then
-- those compared without a difference; what could not be compared and what is left over is counted,
-- by verdict.
WITH ranked AS (
  SELECT
    *,
    list_position(
      ['fewer_convert', 'more_convert', 'no_difference', 'insufficient', 'no_conversion_event'],
      verdict
    ) AS kind,
    row_number() OVER (
      ORDER BY
        (verdict NOT IN ('fewer_convert', 'more_convert')),
        family_q NULLS LAST,
        event_type
    ) AS place
  FROM evidence_support_journey_contacts
  WHERE cohort = 'all' AND verdict <> 'not_compared'
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  event_type,
  verdict,
  family_q,
  relative_risk,
  rr_low,
  rr_high,
  compared_contacting_converters,
  compared_contacting,
  compared_contacting_converters / nullif(compared_contacting, 0) AS contacting_rate,
  compared_others_converters,
  compared_others,
  compared_others_converters / nullif(compared_others, 0) AS others_rate,
  place
FROM ranked
WHERE kind <= 3 AND place <= $limit
UNION ALL BY NAME
SELECT 'others' AS fold, count(*) AS folded, verdict, $limit + any_value(kind) AS place
FROM ranked
WHERE kind > 3 OR kind IS NULL OR place > $limit
GROUP BY verdict
ORDER BY place, verdict
