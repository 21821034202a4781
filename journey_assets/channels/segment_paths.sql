-- The stored paths of a batch of as_ofs with the segment of their person and how many steps of the
-- golden path each has in order. An as_of without a Segment snapshot has none.
-- Reads: channel_snapshots, stored_paths, person_segments, stored_golden_paths.
-- Leaves: golden_steps (as_of, step, event_type), segment_paths (a row per path), and the rows of
--         these as_ofs in segment_ways.

CREATE OR REPLACE TEMP TABLE golden_steps AS
SELECT as_of, generate_subscripts(path, 1) AS step, unnest(path) AS event_type
FROM stored_golden_paths;

CREATE OR REPLACE TEMP TABLE segment_paths AS
WITH coded AS (
    -- An event becomes its first place in the golden path: the walk then compares small numbers.
    SELECT
        stored_paths.* EXCLUDE (times),
        list_transform(golden.path, lambda event: list_position(golden.path, event)) AS golden_codes,
        list_transform(events, lambda event: list_position(golden.path, event)) AS event_codes
    FROM stored_paths
    LEFT JOIN stored_golden_paths AS golden USING (as_of)
)
SELECT
    as_of,
    coalesce(segment, 'no_profile') AS segment,
    person_id,
    events,
    n_events,
    ending,
    converted,
    -- Taking each event at its earliest place finds the longest beginning that is contained.
    list_reduce(
        event_codes,
        lambda reached, code: reached + coalesce(golden_codes[reached + 1] = code, false)::INTEGER,
        0
    ) AS golden_reached
FROM coded
SEMI JOIN channel_snapshots USING (as_of)
LEFT JOIN person_segments USING (as_of, person_id);

INSERT INTO segment_ways BY NAME
WITH persons AS (
    SELECT as_of, segment, person_id, bool_or(converted) AS converted
    FROM segment_paths
    GROUP BY ALL
)
SELECT
    as_of,
    segment,
    count(*) AS persons_with_path,
    CASE WHEN count(converted) > 0 THEN count(*) FILTER (converted) END AS converters,
    any_value(avg_path_length) AS avg_path_length,
    any_value(median_path_length) AS median_path_length
FROM persons
JOIN (
    SELECT
        as_of,
        segment,
        avg(n_events) AS avg_path_length,
        quantile_cont(n_events, 0.5) AS median_path_length
    FROM segment_paths
    GROUP BY as_of, segment
) USING (as_of, segment)
GROUP BY as_of, segment;
