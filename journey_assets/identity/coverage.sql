-- Every measure with its share and Wilson interval.
-- Reads: identity_record_measures, identity_person_measures; needs wilson_low, wilson_high.
-- Leaves: result_identity_coverage.

CREATE OR REPLACE TEMP TABLE result_identity_coverage AS
SELECT
    *,
    numerator / nullif(denominator, 0) AS share,
    wilson_low(numerator, denominator) AS share_low,
    wilson_high(numerator, denominator) AS share_high
FROM (FROM identity_record_measures UNION ALL FROM identity_person_measures);
