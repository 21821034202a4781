-- What each profile's lifetime value would be if its channels did not matter: the mean of all profiles of the
-- snapshot that are about as active. Segments differ in activity by construction (whoever uses more channels
-- is seen more often), and whoever is active is worth more: the raw mean tells the two apart no further.
-- Strata are of profiles with like activity: of equal ones, else twentieths of the snapshot.
-- (Indirect standardisation: Rothman, Greenland & Lash, Modern Epidemiology, 3rd ed. 2008, ch. 4.)
-- Reads: classified. Leaves: expected_ltv (a row per profile with a known value).

CREATE OR REPLACE TEMP TABLE expected_ltv AS
WITH ranked AS (
    SELECT
        snapshot_date,
        segment,
        ltv,
        CASE WHEN total = 0 THEN -1 ELSE floor(
            20 * (rank() OVER (PARTITION BY snapshot_date, total > 0 ORDER BY total) - 1)
            / count(*) OVER (PARTITION BY snapshot_date, total > 0)
        ) END AS stratum
    FROM classified
    WHERE ltv IS NOT NULL
)
SELECT snapshot_date, segment, ltv, expected
FROM ranked
JOIN (
    -- In a fixed order: floating-point sums depend on it, and rows must not.
    SELECT snapshot_date, stratum, avg(ltv ORDER BY ltv) AS expected FROM ranked GROUP BY ALL
) USING (snapshot_date, stratum);
