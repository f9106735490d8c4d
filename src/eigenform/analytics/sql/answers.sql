-- One row per answer up to $as_of about an expectation or an experience: what the experience gap is judged from.
SELECT
  coalesce(nullif(f.category, ''), nullif(f.name, ''), f.key, 'not known') AS category,
  a.attribute,
  coalesce(c.segment, '') AS segment,
  c.subject AS customer,
  a.kind,
  a.score,
  a.scale_min,
  a.scale_max,
  coalesce(b.better, 'higher') AS better,
  coalesce(nullif(b.unit, ''), 'points') AS unit,
  a.channel,
  a.half,
  a.answered_on,
  a.weight
FROM v_answer a
LEFT JOIN v_offering f ON f.offering_id = a.offering_id
LEFT JOIN v_customer c ON c.customer_id = a.customer_id
LEFT JOIN (SELECT source, attribute, max(better) AS better, max(unit) AS unit FROM v_attribute GROUP BY source, attribute) b
  ON b.source = a.source AND b.attribute = a.attribute
WHERE a.answered_on <= $as_of AND a.kind IN ('will', 'experience')
ORDER BY a.answer_id
