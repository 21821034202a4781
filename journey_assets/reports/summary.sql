-- A day summed up: (title, text) rows for $as_of, from the stored tables only.
WITH golden AS (
    SELECT from_event, to_event, persons, p_out,
           row_number() OVER (ORDER BY persons DESC, from_event, to_event) AS place
    FROM store.journeys.transitions
    WHERE as_of = $as_of AND cohort = 'converter'
),
persons AS (
    SELECT coalesce(sum(persons), 0) AS everybody,
           coalesce(sum(persons) FILTER (cohort = 'converter'), 0) AS converters
    FROM store.journeys.summary
    WHERE as_of = $as_of
),
rates AS (
    SELECT newcomers,
           format('{:.1f} % within 7 days', 100 * rate_7d) AS within_7,
           format('{:.1f} % within 14', 100 * rate_14d) AS within_14,
           format('{:.1f} % within 30', 100 * rate_30d) AS within_30
    FROM store.journeys.summary
    WHERE as_of = $as_of AND cohort = 'converter' AND rate_7d IS NOT NULL
)
SELECT title, text FROM (
    SELECT 1 AS line, 'events' AS title, format('{:,}', count(*)) AS text
    FROM store.raw.amplitude_events
    UNION ALL
    SELECT 2, 'persons with a path', format('{:,}', everybody::BIGINT) FROM persons
    UNION ALL
    SELECT 3, 'newcomers who convert',
           concat_ws(', ', within_7, within_14, within_30) || format(' ({:,} newcomers)', newcomers)
    FROM rates
    UNION ALL
    SELECT 4, 'of all persons',
           format('{:.1f} % ({:,} of {:,})', 100.0 * converters / everybody,
                  converters::BIGINT, everybody::BIGINT)
    FROM persons WHERE everybody > 0
    UNION ALL
    SELECT 4 + place,
           CASE place WHEN 1 THEN 'converters’ steps' ELSE '' END,
           format('{} → {}: {:,} persons, {:.0f} % of departures',
                  from_event, to_event, persons, 100 * p_out)
    FROM golden WHERE place <= 5
    UNION ALL
    SELECT 20 + row_number() OVER (ORDER BY profiles DESC, segment),
           CASE row_number() OVER (ORDER BY profiles DESC, segment) WHEN 1 THEN 'segments' ELSE '' END,
           format('{}: {:,} profiles', segment, profiles)
               || coalesce(format(', mean LTV {:.0f}', avg_ltv), '')
    FROM store.channels.segments WHERE as_of = $as_of
    UNION ALL
    SELECT 40, 'support', format('{:,} conversations, {:,} resolved, {:,} escalated',
           coalesce(sum(conversations), 0)::BIGINT, coalesce(sum(resolved), 0)::BIGINT,
           coalesce(sum(escalated), 0)::BIGINT)
    FROM store.support.conversation_statistics WHERE as_of = $as_of
)
ORDER BY line;
