-- The cohorts: persons, their share of all persons, lengths, endings; the time to convert and the rates
-- of newcomers are figures of the population. All cohorts, the largest first.
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
  median_seconds_to_convert,
  newcomers,
  rate_7d,
  rate_7d_low,
  rate_7d_high,
  rate_14d,
  rate_14d_low,
  rate_14d_high,
  rate_30d,
  rate_30d_low,
  rate_30d_high
FROM evidence_journeys_summary
ORDER BY persons DESC, cohort
