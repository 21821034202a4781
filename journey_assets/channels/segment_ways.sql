-- The persons with a path, their conversions and the lengths of their paths, by segment.
-- Reads: journey_segment_persons, journey_segment_lengths; variable channels_segments.
-- Leaves: segment_ways (a row per as_of and segment).

CREATE OR REPLACE TEMP TABLE segment_ways AS
WITH lengths AS (
    SELECT
        *,
        sum(paths) OVER (PARTITION BY as_of, segment ORDER BY length) AS upto,
        sum(paths) OVER (PARTITION BY as_of, segment) AS total
    FROM journey_segment_lengths
),
measured AS (
    SELECT
        as_of,
        segment,
        sum(length * paths) / sum(paths) AS avg_path_length,
        counted_quantile(length, upto, total, 0.5)::DOUBLE AS median_path_length
    FROM lengths
    GROUP BY as_of, segment
)
SELECT
    as_of,
    getvariable('channels_segments')[segment + 1] AS segment,
    persons AS persons_with_path,
    CASE WHEN known > 0 THEN converters END AS converters,
    avg_path_length,
    median_path_length
FROM journey_segment_persons
JOIN measured USING (as_of, segment);
