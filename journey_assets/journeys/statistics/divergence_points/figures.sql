-- The rows of journeys.divergence_points: counts, what the tests said, and where people go next.
-- Reads: journey_divergence_states, journey_first_next (states.sql); divergence_found, which tests.py
--        leaves; divergence_family; needs the Wilson macros and significant.

WITH shares AS (
    SELECT
        state,
        unnest([true, false]) AS of_focus,
        next_event_type,
        unnest([focus_persons, other_persons]) AS persons,
        unnest([n_converters, n_non_converters]) AS going_on
    FROM journey_first_next
    JOIN journey_divergence_states USING (state)
    WHERE tested AND next_event_type IS NOT NULL
),
top AS (
    SELECT
        state,
        of_focus,
        list(
            {
                'event_type': next_event_type,
                'persons': persons,
                'share': persons / going_on,
                'low': wilson_low(persons, going_on),
                'high': wilson_high(persons, going_on)
            }
            ORDER BY persons DESC, next_event_type
        )[1:3] AS events
    FROM shares
    WHERE persons > 0
    GROUP BY ALL
),
judged AS (
    SELECT
        journey_divergence_states.*,
        divergence_found.* EXCLUDE (as_of, test),
        family_q,
        CASE WHEN tested
            THEN if(significant(q_value), 'different', 'not_different')
        END AS pooled_verdict,
        CASE
            WHEN stratified_by IS NULL THEN NULL
            WHEN stratified_p IS NULL THEN 'insufficient'
            WHEN significant(stratified_q) THEN 'different'
            ELSE 'not_different'
        END AS stratified_verdict,
        CASE
            WHEN NOT tested OR stratified_p IS NULL THEN 'insufficient'
            WHEN significant(family_q) THEN 'different'
            ELSE 'not_different'
        END AS verdict
    FROM journey_divergence_states
    LEFT JOIN divergence_found ON divergence_found.test = state
    LEFT JOIN divergence_family ON divergence_family.test = state
)
SELECT
    as_of,
    event_type,
    n_converters,
    n_non_converters,
    jsd_bits,
    jsd_corrected,
    jsd_low,
    jsd_high,
    cramers_v,
    p_value,
    q_value,
    family_q,
    method,
    verdict,
    ours.events AS top_next_converters,
    others.events AS top_next_non_converters,
    focus AS cohort,
    CASE WHEN tested THEN row_number() OVER (
        PARTITION BY as_of, focus, tested
        ORDER BY
            verdict = 'different' DESC,
            (n_converters + n_non_converters) * jsd_corrected DESC,
            event_type
    ) END AS rank,
    chi2,
    min_expected,
    permutations,
    stratified_by,
    stratified_p,
    stratified_q,
    stratified_verdict,
    pooled_verdict <> stratified_verdict AS strata_differ
FROM judged
LEFT JOIN top AS ours ON ours.state = judged.state AND ours.of_focus
LEFT JOIN top AS others ON others.state = judged.state AND NOT others.of_focus
ORDER BY as_of, focus::VARCHAR, rank NULLS LAST, event_type
