-- Contacts along the journey, of all cohorts: the $limit states with most conversations. Those of the
-- others add up, and so do contacts and visits, from which their contact rate follows; persons do not.
WITH ranked AS (
  SELECT *, row_number() OVER (ORDER BY conversations DESC, contacts DESC, event_type) AS place
  FROM evidence_support_journey_contacts
  WHERE cohort = 'all'
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  event_type,
  conversations,
  contacts,
  visits,
  contact_rate,
  contact_rate_low,
  contact_rate_high,
  persons_contacting,
  persons,
  person_rate,
  median_seconds,
  rated,
  csat,
  repeat_rate,
  place
FROM ranked
WHERE place <= $limit
UNION ALL BY NAME
SELECT
  'others' AS fold,
  count(*) AS folded,
  sum(conversations) AS conversations,
  sum(contacts) AS contacts,
  sum(visits) AS visits,
  CASE WHEN sum(visits) >= 10 THEN sum(contacts) / sum(visits) END AS contact_rate,
  sum(rated) AS rated,
  $limit + 1 AS place
FROM ranked
WHERE place > $limit
HAVING count(*) > 0
ORDER BY place
