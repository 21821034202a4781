-- What is compared: the sums of both periods beside each other, and whether they are enough for a test.
-- Of a transition or event that a period does not have, it has none among the same visits or persons;
-- where rare steps are folded it may hide in those, and is not tested.
-- Reads: change_periods, change_sums, change_stored_days, journey_period_paths, journey_period_days,
--        windows; variables changes_folds, journeys_conversion_known; needs enough_persons and
--        enough_in_cohort.
-- Leaves: change_compared (a row per as_of of the batch, figure, event_type and to_event).

CREATE OR REPLACE TEMP TABLE change_compared AS
WITH batch AS (
    SELECT DISTINCT as_of FROM journey_period_paths
),
named AS (
    SELECT DISTINCT as_of, figure, event_type, to_event
    FROM change_sums
    SEMI JOIN batch USING (as_of)
),
-- What a figure is a share of, where the period has no row of it: of all persons, or of the state.
wholes AS (
    SELECT as_of, period, 'event_share' AS figure, NULL AS event_type, population, n, v, vv
    FROM change_sums
    WHERE figure = 'events_per_person'
    UNION ALL
    SELECT as_of, period, 'transition', event_type, population, n, v, vv
    FROM change_sums
    WHERE figure = 'exit_rate'
),
sums AS (
    SELECT
        named.*,
        periods.period,
        change_sums.figure IS NOT NULL AS present,
        coalesce(change_sums.population, wholes.population, 0) AS population,
        coalesce(change_sums.n, wholes.n, 0) AS n,
        coalesce(change_sums.cases, 0) AS cases,
        coalesce(change_sums.x, 0) AS x,
        coalesce(change_sums.v, wholes.v, 0) AS v,
        coalesce(change_sums.xx, 0) AS xx,
        coalesce(change_sums.xv, 0) AS xv,
        coalesce(change_sums.vv, wholes.vv, 0) AS vv
    FROM named
    CROSS JOIN (VALUES ('then'), ('now')) AS periods (period)
    LEFT JOIN change_sums
        ON change_sums.as_of = named.as_of
        AND change_sums.period = periods.period
        AND change_sums.figure = named.figure
        AND change_sums.event_type IS NOT DISTINCT FROM named.event_type
        AND change_sums.to_event IS NOT DISTINCT FROM named.to_event
    LEFT JOIN wholes
        ON wholes.as_of = named.as_of
        AND wholes.period = periods.period
        AND wholes.figure = named.figure
        AND (wholes.figure = 'event_share' OR wholes.event_type = named.event_type)
),
beside AS (
    SELECT
        then_.as_of,
        then_.figure,
        then_.event_type,
        then_.to_event,
        then_.n AS then_n,
        then_.x AS then_x,
        then_.v AS then_v,
        then_.xx AS then_xx,
        then_.xv AS then_xv,
        then_.vv AS then_vv,
        now_.n AS now_n,
        now_.x AS now_x,
        now_.v AS now_v,
        now_.xx AS now_xx,
        now_.xv AS now_xv,
        now_.vv AS now_vv,
        least(then_.population, now_.population) AS population,
        then_.cases + now_.cases AS cases,
        then_.present AND now_.present AS both_present
    FROM (FROM sums WHERE period = 'then') AS then_
    JOIN (FROM sums WHERE period = 'now') AS now_
        ON then_.as_of = now_.as_of
        AND then_.figure = now_.figure
        AND then_.event_type IS NOT DISTINCT FROM now_.event_type
        AND then_.to_event IS NOT DISTINCT FROM now_.to_event
),
-- The last day against the days of the window before it: a day on which nobody converts is one of
-- thirty, and hardly moves the window's rate. Day by day: persons active on it who may still convert.
days AS (
    SELECT
        as_of,
        first_day,
        first_day + day::INT AS day,
        sum(at_risk) AS at_risk,
        sum(conversions) AS conversions
    FROM journey_period_days
    JOIN windows USING (as_of)
    WHERE cohort::VARCHAR <> 'earlier_converter' AND getvariable('journeys_conversion_known')
    GROUP BY ALL
),
last_days AS (
    SELECT
        as_of,
        first_day,
        (
            SELECT count(*)
            FROM change_stored_days
            WHERE settled AND change_stored_days.day BETWEEN days.first_day AND days.as_of - 1
        ) AS then_stored,
        (SELECT count(*) FROM change_stored_days WHERE change_stored_days.day = days.as_of)
            AS now_stored,
        coalesce(sum(at_risk) FILTER (settled AND day < as_of), 0) AS then_v,
        coalesce(sum(conversions) FILTER (settled AND day < as_of), 0) AS then_x,
        coalesce(sum(at_risk) FILTER (day = as_of), 0) AS now_v,
        coalesce(sum(conversions) FILTER (day = as_of), 0) AS now_x
    FROM days
    LEFT JOIN change_stored_days USING (day)
    WHERE first_day < as_of
    GROUP BY ALL
),
rows AS (
    SELECT
        * EXCLUDE (days, then_stored, now_stored, refused, history),
        then_stored,
        now_stored,
        CASE
            WHEN refused IS NOT NULL THEN refused
            WHEN NOT enough_in_cohort(least(then_n, now_n))
                OR NOT enough_persons(least(then_n, now_n), population)
                OR (changes_folded AND NOT both_present)
                THEN 'insufficient'
        END AS untested
    FROM (SELECT *, getvariable('changes_folds') AS changes_folded FROM beside)
    JOIN change_periods USING (as_of)
    WHERE figure NOT IN ('transition', 'event_share') OR enough_persons(cases, population)
    UNION ALL BY NAME
    SELECT
        as_of,
        'conversion_last_day' AS figure,
        then_v AS then_n,
        then_x,
        then_v,
        now_v AS now_n,
        now_x,
        now_v,
        first_day AS then_first,
        as_of - 1 AS then_last,
        then_stored,
        as_of AS now_first,
        as_of AS now_last,
        now_stored,
        CASE
            WHEN now_stored = 0 OR then_stored = 0 THEN 'days_missing'
            WHEN NOT enough_in_cohort(least(then_v, now_v)) THEN 'insufficient'
        END AS untested
    FROM last_days
)
SELECT
    (row_number() OVER (ORDER BY as_of, figure, event_type, to_event))::BIGINT AS test,
    * REPLACE (
        -- A visit is a person's only one.
        coalesce(then_xx, then_x) AS then_xx,
        coalesce(then_xv, then_x) AS then_xv,
        coalesce(then_vv, then_v) AS then_vv,
        coalesce(now_xx, now_x) AS now_xx,
        coalesce(now_xv, now_x) AS now_xv,
        coalesce(now_vv, now_v) AS now_vv
    ),
    then_x / nullif(then_v, 0) AS then_value,
    now_x / nullif(now_v, 0) AS now_value
FROM rows;
