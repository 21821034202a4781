-- With JOURNEY_COLLAPSE: of consecutive repeats of an event the first one stays. That a person is
-- still active after it is kept apart, since it says whether the end of the path has been seen.
-- Reads and replaces: journey_sorted. Fills: journey_lasting.

INSERT INTO journey_lasting
SELECT path, max(happened_at)
FROM journey_sorted
GROUP BY path;

CREATE OR REPLACE TEMP TABLE journey_sorted AS
SELECT path, event, happened_at
FROM (
    SELECT
        *,
        lag(path) OVER () = path AND lag(event) OVER () = event AS repeated
    FROM journey_sorted
)
WHERE repeated IS NOT TRUE;
