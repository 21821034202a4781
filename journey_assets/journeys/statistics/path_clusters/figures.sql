-- A row per cluster of each as_of.
-- Reads: journey_sampled_walks and journey_clustered (sampled.py); variables journeys_event_names,
--        journeys_conversion_known; needs codes_of, the Wilson macros and enough_in_cohort.

WITH walks AS (
    SELECT *, list_select(getvariable('journeys_event_names'), codes_of(walk)) AS path
    FROM journey_sampled_walks
    JOIN journey_clustered USING (number)
),
clusters AS (
    SELECT
        as_of,
        cluster,
        count(*) AS sampled,
        count(*) FILTER (cohort = 'converter') AS converters,
        count(*) FILTER (cohort IN ('converter', 'non_converter')) AS known,
        any_value(persons) AS all_persons,
        any_value(path) FILTER (is_medoid) AS medoid,
        quantile_cont(len(path), 0.5) AS median_length,
        any_value(stability) AS stability,
        any_value(silhouette) AS silhouette,
        sum(count(*)) OVER (PARTITION BY as_of)::BIGINT AS sampled_persons
    FROM walks
    GROUP BY as_of, cluster
)
SELECT
    as_of,
    cluster,
    sampled AS persons,
    sampled / sampled_persons AS share,
    wilson_low(sampled, sampled_persons) AS share_low,
    wilson_high(sampled, sampled_persons) AS share_high,
    medoid,
    median_length,
    CASE WHEN known > 0 THEN converters END AS converters,
    converters / nullif(known, 0) AS conversion_rate,
    wilson_low(converters, nullif(known, 0)) AS conversion_low,
    wilson_high(converters, nullif(known, 0)) AS conversion_high,
    stability,
    silhouette,
    sampled_persons,
    all_persons,
    CASE
        WHEN NOT enough_in_cohort(sampled_persons) THEN 'insufficient'
        WHEN count(*) OVER (PARTITION BY as_of) = 1 THEN 'no_clusters'
        WHEN stability >= 0.75 THEN 'stable'
        ELSE 'unstable'
    END AS verdict
FROM clusters
ORDER BY as_of, cluster
