-- With JOURNEY_START_EVENT: what comes before the first or last of these events is no part of the
-- path, and there is no path without one.
-- Reads and replaces: journey_sorted.
-- Reads: variables journeys_start, journeys_start_last.

CREATE OR REPLACE TEMP TABLE journey_sorted AS
SELECT path, event, happened_at
FROM (SELECT rowid AS position, * FROM journey_sorted)
JOIN (
    SELECT
        path,
        CASE WHEN getvariable('journeys_start_last') THEN max(rowid) ELSE min(rowid) END AS start_row
    FROM journey_sorted
    WHERE event = getvariable('journeys_start')
    GROUP BY path
) USING (path)
WHERE position >= start_row
ORDER BY position;
