-- How far each event reaches in each cohort. An event ranks by the share of persons in the cohort
-- that has it most plus the gap between the cohorts: what nearly everybody does and what only one
-- side does both come first. All cohorts of an event stand together; the events after the first
-- $limit are folded into one row per cohort, with their occurrences (persons do not add up).
WITH weighed AS (
  SELECT
    *,
    max(share_of_persons) OVER of_event AS widest,
    CASE
      WHEN count(*) OVER of_event
        = (SELECT count(DISTINCT cohort) FROM evidence_journeys_step_frequencies)
      THEN min(share_of_persons) OVER of_event
      ELSE 0
    END AS narrowest
  FROM evidence_journeys_step_frequencies
  WINDOW of_event AS (PARTITION BY event_type)
),
ranked AS (
  SELECT *, dense_rank() OVER (ORDER BY 2 * widest - narrowest DESC, event_type) AS place
  FROM weighed
)
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  event_type,
  occurrences,
  persons,
  cohort_persons,
  share_of_persons,
  share_low,
  share_high,
  place
FROM ranked
WHERE place <= $limit
UNION ALL
SELECT
  'others', count(*), cohort, NULL, sum(occurrences), NULL, NULL, NULL, NULL, NULL, $limit + 1
FROM ranked
WHERE place > $limit
GROUP BY cohort
ORDER BY place, cohort
