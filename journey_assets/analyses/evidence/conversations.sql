-- Support conversations by flow and language: all of them in one row, then the $limit groups with
-- most conversations that were not resolved, the other groups folded into one exact row. Shares of
-- fewer than 10 conversations are no figure, as in the stored table.
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (
      ORDER BY conversations - resolved DESC, conversations DESC, flow_name, lang_code
    ) AS place
  FROM evidence_support_conversation_statistics
),
grouped AS (
  SELECT
    CASE WHEN grouping(place) = 1 THEN 'total' WHEN place > $limit THEN 'others' END AS fold,
    count(*) AS folded,
    CASE WHEN fold IS NULL THEN coalesce(any_value(flow_name), '(no flow)') END AS flow_name,
    CASE WHEN fold IS NULL THEN any_value(lang_code) END AS lang_code,
    sum(conversations) AS conversations,
    sum(resolved) AS resolved,
    sum(escalated) AS escalated,
    sum(self_service) AS self_service,
    sum("open") AS open,
    sum(rated) AS rated,
    sum(satisfied) AS satisfied,
    sum(repeated) AS repeated,
    sum(followed) AS followed,
    CASE WHEN grouping(place) = 1 THEN 0 ELSE place END AS place
  FROM (SELECT * REPLACE (least(place, $limit + 1) AS place) FROM ranked)
  GROUP BY GROUPING SETS ((place), ())
)
SELECT
  fold,
  CASE WHEN fold IS NOT NULL THEN folded END AS folded,
  flow_name,
  lang_code,
  conversations,
  resolved,
  CASE WHEN conversations >= 10 THEN resolved / conversations END AS resolved_share,
  escalated,
  CASE WHEN conversations >= 10 THEN escalated / conversations END AS escalated_share,
  self_service,
  CASE WHEN conversations >= 10 THEN self_service / conversations END AS self_service_share,
  open,
  rated,
  CASE WHEN conversations >= 10 THEN rated / conversations END AS rated_share,
  satisfied,
  CASE WHEN rated >= 10 THEN satisfied / rated END AS satisfied_share,
  repeated,
  followed,
  CASE WHEN followed >= 10 THEN repeated / followed END AS repeat_share
FROM grouped
WHERE conversations IS NOT NULL
ORDER BY place
