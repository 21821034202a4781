-- Removal effects: the $limit largest of events that are no gate; gates (1 whatever they are worth),
-- events of few persons and smaller effects are only counted, since effects do not add up.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY verdict ORDER BY effect DESC NULLS LAST, cohort, event_type) AS place
  FROM evidence_journeys_removal_effects
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  event_type,
  verdict,
  effect,
  persons,
  converters_with,
  conversion_rate,
  conversion_rate_removed,
  place
FROM ranked
WHERE verdict = 'effect' AND place <= $limit
UNION ALL BY NAME
SELECT
  'others' AS fold,
  count(*) AS folded,
  verdict,
  $limit + 1 + list_position(['effect', 'gate', 'insufficient'], verdict) AS place
FROM ranked
WHERE verdict <> 'effect' OR place > $limit
GROUP BY verdict
ORDER BY place, verdict
