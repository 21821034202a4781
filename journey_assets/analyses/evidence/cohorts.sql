-- The cohorts: persons, their share of all persons (the converters' share is the conversion rate),
-- lengths, endings; the time to convert is one figure of all persons. All cohorts, the largest first.
SELECT
  NULL::VARCHAR AS fold,
  NULL::BIGINT AS folded,
  cohort,
  persons,
  population,
  share_of_population,
  share_low,
  share_high,
  avg_length,
  median_length,
  exits,
  median_seconds_to_convert
FROM evidence_journeys_summary
ORDER BY persons DESC, cohort
