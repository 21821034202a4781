-- Conversion after a contact against conversion without one: a risk set per contact, Mantel–Haenszel over
-- the sets. The set of a contact made u after its visit: the persons at their first visit of the state who
-- stay longer than u and have not made contact by then, m of them, d of whom convert later; with the
-- contact N = m + 1. Of y = 1 where the person in contact converts,
--     A = Σ y·m/N, B = Σ d/N, ratio R = A/B
-- (Li, Propert & Rosenbaum, JASA 96, 2001). A person may be in many sets, and in one of them be the contact.
-- The variance of A − R·B therefore sums over persons, not over sets: with p = d/m,
--     V(R) = R·Σ (m/N)²·p·(1 − R·p) + R²·Σ over persons (Σ over their sets (y − p)/N)²
--            − 2·R·Σ over contacts (m/N)·p·(1 − p)·Σ over their sets before 1/N
-- the third term for who is first in sets and later the contact. The test is at R = 1, the interval holds the
-- R at which (A − R·B)² ≤ z²·V(R), which needs no conversion after a contact. Where few are expected to
-- convert, more than they is likelier than the normal distribution says: there the smaller of the score and
-- of the signed root of the Poisson deviance counts (McCullagh & Nelder, Generalized Linear Models, 1989,
-- 6.2).
-- Reads: journey_contact_stays, journey_contact_population; variables support_states, journeys_z;
--        needs the guards.
-- Leaves: compared_contacts (a row per as_of and state).

CREATE OR REPLACE TEMP TABLE compared_contacts AS
WITH stays AS (
    SELECT
        as_of,
        state,
        stay,
        sum(persons) AS persons,
        coalesce(sum(persons) FILTER (converted = 1), 0) AS converters,
        coalesce(sum(persons) FILTER (contacted = 1), 0) AS contacting,
        coalesce(sum(persons) FILTER (contacted = 1 AND converted = 1), 0) AS contacting_converters
    FROM journey_contact_stays
    GROUP BY ALL
),
sets AS (
    SELECT
        *,
        sum(persons) OVER longer AS m,
        sum(converters) OVER longer AS d,
        contacting > 0 AND coalesce(m, 0) > 0 AS is_set,
        d / m AS p
    FROM stays
    WINDOW longer AS (
        PARTITION BY as_of, state ORDER BY stay DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
weighed AS (
    SELECT
        *,
        -- Of whoever stays so long, over the sets before.
        coalesce(sum(CASE WHEN is_set THEN contacting / (m + 1) END) OVER shorter, 0) AS weight,
        coalesce(sum(CASE WHEN is_set THEN contacting * p / (m + 1) END) OVER shorter, 0) AS expected
    FROM sets
    WINDOW shorter AS (
        PARTITION BY as_of, state ORDER BY stay ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
summed AS (
    SELECT
        as_of,
        state,
        coalesce(sum(contacting) FILTER (is_set), 0)::BIGINT AS compared_contacting,
        coalesce(sum(contacting_converters) FILTER (is_set), 0)::BIGINT
            AS compared_contacting_converters,
        coalesce(sum(persons - contacting) FILTER (weight > 0), 0)::BIGINT AS compared_others,
        coalesce(sum(converters - contacting_converters) FILTER (weight > 0), 0)::BIGINT
            AS compared_others_converters,
        sum(contacting_converters * m / (m + 1)) FILTER (is_set) AS a,
        sum(contacting * d / (m + 1)) FILTER (is_set) AS b,
        sum(contacting * (m / (m + 1)) ^ 2 * p) FILTER (is_set) AS linear,
        sum(contacting * (m / (m + 1)) ^ 2 * p ^ 2) FILTER (is_set) AS less,
        sum(
            converters * (weight - expected) ^ 2 + (persons - converters) * expected ^ 2
        ) AS shared,
        sum(contacting * m / (m + 1) * weight * p * (1 - p)) FILTER (is_set) AS overlap
    FROM weighed
    GROUP BY ALL
),
bounded AS (
    SELECT
        *,
        a - b AS difference,
        linear - less + shared - 2 * overlap AS variance,
        b ^ 2 - getvariable('journeys_z') ^ 2 * (shared - less) AS bend,
        a * b + getvariable('journeys_z') ^ 2 * (linear - 2 * overlap) / 2 AS middle,
        sqrt(greatest(middle ^ 2 - bend * a ^ 2, 0)) AS half
    FROM summed
)
SELECT
    as_of,
    getvariable('support_states')[state] AS event_type,
    compared_contacting,
    compared_contacting_converters,
    compared_others,
    compared_others_converters,
    a / b AS ratio,
    CASE WHEN bend > 0 THEN (middle - half) / bend END AS ratio_low,
    CASE WHEN bend > 0 THEN (middle + half) / bend END AS ratio_high,
    CASE
        WHEN a > b THEN least(
            difference, sqrt(greatest(2 * (a * ln(a / b) - difference), 0) * b)
        ) / sqrt(variance)
        ELSE difference / sqrt(variance)
    END AS z,
    -- A state's persons on each side, and the signal's own guard: people who contact from it. And some of
    -- them should convert and some not, if it makes no difference.
    enough_in_cohort(compared_others)
        AND enough_in_cohort(compared_contacting)
        AND enough_persons(compared_contacting, population)
        AND least(b, compared_contacting - b) >= 1
        AND variance > 0 AS enough
FROM bounded
JOIN (
    SELECT as_of, sum(persons) AS population FROM journey_contact_population GROUP BY as_of
) USING (as_of);
