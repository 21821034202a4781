-- What people ask for at which state: the $limit pairs that are proven to cluster, smallest q first;
-- other pairs only counted, by verdict: a contact may have several values.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY verdict ORDER BY q_value, contacts DESC, event_type, kind, value
    ) AS place
  FROM evidence_support_contact_topics
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  event_type,
  kind,
  value,
  verdict,
  family_q,
  contacts,
  state_contacts,
  share,
  share_low,
  share_high,
  lift,
  place
FROM ranked
WHERE verdict = 'clusters' AND place <= $limit
UNION ALL BY NAME
SELECT
  'others' AS fold,
  count(*) AS folded,
  verdict,
  $limit + list_position(['clusters', 'no_cluster', 'insufficient'], verdict) AS place
FROM ranked
WHERE verdict <> 'clusters' OR place > $limit
GROUP BY verdict
ORDER BY place, verdict
