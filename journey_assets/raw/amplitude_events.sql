-- Which events are kept, and their chronological rank among equal times of a user.
-- Reads read_events: records just read, and stored rows that stay (stored), those of other partitions
-- that are the same event as a record among them (elsewhere). line_no names a row, place orders the
-- rows of its source, page is the answer that it came in. $newest_first: whether the source lists a
-- user's events newest first (activity) or not (export). Needs event_identity.
-- Only ids, times and places are sorted here; the wide columns join by line_no when they are stored.
--
-- Nothing here depends on what was read first: of the versions of an event the first uploaded counts,
-- equal times stand in the order of the vendor's numbers and uploads.
CREATE OR REPLACE TEMP TABLE kept_events AS
WITH identified AS (
    -- New events shift the offsets while pages are read, so a later answer may repeat events; and
    -- senders repeat uploads.
    SELECT
        line_no,
        event_identity(uuid, insert_id, amplitude_id, event_id, client_event_time, device_id) AS identity
    FROM read_events
    WHERE identity IS NOT NULL
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
        WHERE event_identity(uuid, insert_id, amplitude_id, event_id, client_event_time, device_id) IS NULL
    )
),
repeated AS (
    SELECT identity
    FROM identified
    GROUP BY identity
    HAVING count(*) > 1
),
versions AS (
    SELECT
        line_no,
        row_number() OVER (
            PARTITION BY identity
            ORDER BY
                server_upload_time NULLS LAST,
                -- Without a time of upload nothing but what they say tells versions apart.
                CASE
                    WHEN server_upload_time IS NULL
                        THEN concat_ws(' ', event_time, event_type, user_id, event_properties, extra)
                END,
                stored,
                line_no
        ) AS number
    FROM identified
    SEMI JOIN repeated USING (identity)
    JOIN read_events USING (line_no)
),
kept AS (
    SELECT line_no
    FROM identified
    ANTI JOIN (SELECT line_no FROM versions WHERE number > 1) USING (line_no)
)
SELECT
    line_no,
    stored,
    elsewhere,
    row_number() OVER (
        PARTITION BY elsewhere, amplitude_id, event_time
        ORDER BY
            CASE WHEN NOT $newest_first THEN event_id END,
            CASE WHEN NOT $newest_first THEN server_upload_time END,
            CASE WHEN NOT $newest_first AND server_upload_time IS NULL
                THEN concat_ws(' ', uuid, insert_id)
            END,
            stored DESC,
            place
    ) - 1 AS source_order
FROM read_events SEMI JOIN kept USING (line_no);
