-- With JOURNEY_END_EVENT: the row of the first or last of these events that ends the path. The event
-- that begins a path does not end it too.
-- Reads: journey_sorted; variables journeys_start, journeys_end, journeys_end_last.
-- Fills: journey_ends.

INSERT INTO journey_ends
SELECT
    path,
    CASE WHEN getvariable('journeys_end_last') THEN max(position) ELSE min(position) END
FROM (
    SELECT rowid AS position, path, event, lag(path) OVER () IS DISTINCT FROM path AS begins
    FROM journey_sorted
)
WHERE event = getvariable('journeys_end')
    AND NOT (begins AND getvariable('journeys_start') IS NOT NULL)
GROUP BY path;
