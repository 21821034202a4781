-- Which of the events read are kept, and their chronological rank among equal times of a user.
-- Reads read_events (line_no: place in the source, stored rows first; page: the answer it came in) and
-- $newest_first: whether the source lists a user's events newest first (activity) or not (export).
-- Only ids, times and places are sorted here; the wide columns join by line_no when they are stored.
CREATE OR REPLACE TEMP TABLE kept_events AS
WITH identified AS (
    -- New events shift the offsets while pages are read, so a later answer may repeat events.
    SELECT
        line_no,
        CASE
            WHEN uuid IS NOT NULL THEN 'u' || uuid
            WHEN insert_id IS NOT NULL THEN 'i' || amplitude_id || ' ' || insert_id
            ELSE concat_ws(' ', 'e', event_id, epoch_us(client_event_time), device_id)
        END AS identity
    FROM read_events
    WHERE
        uuid IS NOT NULL OR insert_id IS NOT NULL
        OR (event_id IS NOT NULL AND client_event_time IS NOT NULL)
    UNION ALL
    -- An event without any id is known by all it says; equal ones within an answer are no repeats.
    SELECT
        line_no,
        'c' || row_number() OVER (PARTITION BY page, content ORDER BY line_no) || content AS identity
    FROM (
        SELECT
            line_no,
            page,
            concat_ws(
                ' ', amplitude_id, epoch_us(event_time), event_type, session_id, user_id, device_id,
                platform, country, server_upload_time, event_id, client_event_time,
                event_properties, extra
            ) AS content
        FROM read_events
        WHERE uuid IS NULL AND insert_id IS NULL AND (event_id IS NULL OR client_event_time IS NULL)
    )
),
repeats AS (
    SELECT identity, min(line_no) AS line_no
    FROM identified
    GROUP BY identity
    HAVING count(*) > 1
),
kept AS (
    SELECT identified.line_no
    FROM identified LEFT JOIN repeats USING (identity)
    WHERE coalesce(repeats.line_no = identified.line_no, true)
)
SELECT
    line_no,
    row_number() OVER (
        PARTITION BY amplitude_id, event_time
        ORDER BY CASE WHEN $newest_first THEN -line_no ELSE event_id END, line_no
    ) - 1 AS source_order
FROM read_events SEMI JOIN kept USING (line_no);
