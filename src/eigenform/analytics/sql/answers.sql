-- One row per answer up to $as_of about an expectation or an experience: what the experience gap is judged from.
-- What is better, and the unit, is as declared for the category, else as declared for the attribute anywhere.
WITH declared AS (
  SELECT
    a.source,
    a.attribute,
    coalesce(nullif(a.category, ''), nullif(f.category, ''), nullif(f.name, ''), f.key) AS category,
    a.better,
    a.unit
  FROM v_attribute a
  LEFT JOIN v_offering f ON f.offering_id = a.offering_id
),
anywhere AS (
  SELECT source, attribute, max(better) AS better, max(unit) AS unit FROM declared GROUP BY source, attribute
),
of_category AS (
  SELECT source, attribute, category, max(better) AS better, max(unit) AS unit
  FROM declared
  GROUP BY source, attribute, category
)
SELECT
  coalesce(nullif(f.category, ''), nullif(f.name, ''), f.key, 'not known') AS category,
  a.attribute,
  coalesce(c.segment, '') AS segment,
  c.subject AS customer,
  a.kind,
  a.score,
  a.scale_min,
  a.scale_max,
  coalesce(d.better, b.better, 'higher') AS better,
  coalesce(nullif(d.unit, ''), nullif(b.unit, ''), 'points') AS unit,
  a.channel,
  a.half,
  a.answered_on,
  a.weight
FROM v_answer a
LEFT JOIN v_offering f ON f.offering_id = a.offering_id
LEFT JOIN v_customer c ON c.customer_id = a.customer_id
LEFT JOIN anywhere b ON b.source = a.source AND b.attribute = a.attribute
LEFT JOIN of_category d
  ON d.source = a.source AND d.attribute = a.attribute
  AND d.category = coalesce(nullif(f.category, ''), nullif(f.name, ''), f.key)
WHERE a.answered_on <= $as_of AND a.kind IN ('will', 'experience')
ORDER BY a.answer_id
