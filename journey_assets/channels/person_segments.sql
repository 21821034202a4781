-- The one segment of each person at each as_of: that of the profile with the largest total, ties by
-- key. Reads: classified, profile_persons. Leaves: person_segments.

CREATE OR REPLACE TEMP TABLE person_segments AS
SELECT as_of, person_id, first(segment ORDER BY total DESC, profile_key) AS segment
FROM profile_persons
JOIN classified USING (snapshot_date, raw_key)
GROUP BY as_of, person_id;
