-- One row per promise made up to $as_of and category it concerns: what was promised, what came, and whose it was.
-- A promise that is a day is held until the end of that day, so it is open while that day lasts. What came after
-- $as_of is not known yet. Gap: negative = shortfall, in the promise's unit (days for a day); null where nothing can
-- be measured (not delivered, or delivered on a day that nobody wrote down).
WITH line_category AS (
  SELECT
    l.order_id,
    l.source,
    l.key AS line_key,
    coalesce(nullif(f.category, ''), nullif(f.name, ''), f.key, 'not known') AS category
  FROM v_order_line l
  LEFT JOIN v_offering f ON f.offering_id = l.offering_id
),
of_order AS (
  SELECT p.promise_id, o.order_id, coalesce(c.category, 'not known') AS category
  FROM v_promise p
  JOIN v_order o ON o.source = p.source AND o.key = p.subject_key
  LEFT JOIN (SELECT DISTINCT order_id, category FROM line_category) c ON c.order_id = o.order_id
  WHERE p.subject_kind = 'order'
),
of_line AS (
  SELECT p.promise_id, c.order_id, c.category
  FROM v_promise p
  JOIN line_category c ON c.source = p.source AND c.line_key = p.subject_key
  WHERE p.subject_kind = 'line'
),
concerned AS (
  SELECT * FROM of_order
  UNION ALL
  SELECT * FROM of_line
),
came AS (
  SELECT
    source, subject_kind, subject_key, attribute,
    max(delivered_on) FILTER (WHERE delivered_on <= $as_of) AS delivered_on,
    count(*) FILTER (WHERE delivered_on IS NULL) AS without_day,
    count(*) FILTER (WHERE delivered_on > $as_of) AS after_as_of,
    avg(level) FILTER (WHERE delivered_on IS NULL OR delivered_on <= $as_of) AS level,
    min(partner_id) AS partner_id
  FROM v_delivery
  GROUP BY source, subject_kind, subject_key, attribute
),
declared AS (
  SELECT
    a.source,
    a.attribute,
    coalesce(nullif(a.category, ''), nullif(f.category, ''), nullif(f.name, ''), f.key) AS category,
    a.better
  FROM v_attribute a
  LEFT JOIN v_offering f ON f.offering_id = a.offering_id
),
better AS (
  SELECT source, attribute, max(better) AS better FROM declared GROUP BY source, attribute
),
better_in_category AS (
  SELECT source, attribute, category, max(better) AS better FROM declared GROUP BY source, attribute, category
),
joined AS (
  SELECT
    p.promise_id,
    p.attribute,
    p.unit,
    p.level,
    p.level_on,
    p.weight,
    coalesce(i.better, b.better, CASE WHEN p.unit = 'date' THEN 'lower' ELSE 'higher' END) AS better,
    coalesce(k.category, 'not known') AS category,
    coalesce(c.segment, '') AS segment,
    c.subject AS customer,
    coalesce(t.subject, u.subject) AS partner,
    coalesce(o.state, 'open') AS order_state,
    d.delivered_on,
    d.level AS delivered_level,
    d.subject_key IS NOT NULL AND NOT (d.without_day = 0 AND d.delivered_on IS NULL) AS has_come,
    coalesce(d.after_as_of, 0) > 0 AS comes_later,
    CASE WHEN p.unit = 'date' THEN coalesce(d.without_day, 0) > 0 ELSE d.level IS NULL END AS without_reading
  FROM v_promise p
  LEFT JOIN concerned k ON k.promise_id = p.promise_id
  LEFT JOIN v_order o ON o.order_id = k.order_id
  LEFT JOIN v_customer c ON c.customer_id = o.customer_id
  LEFT JOIN came d
    ON d.source = p.source AND d.subject_kind = p.subject_kind AND d.subject_key = p.subject_key
    AND d.attribute = p.attribute
  LEFT JOIN v_partner t ON t.partner_id = d.partner_id
  LEFT JOIN v_partner u ON u.source = o.source AND u.key = o.partner_key AND o.partner_key <> ''
  LEFT JOIN better b ON b.source = p.source AND b.attribute = p.attribute
  LEFT JOIN better_in_category i
    ON i.source = p.source AND i.attribute = p.attribute AND i.category = k.category
  WHERE coalesce(p.made_on, o.ordered_on, CAST($as_of AS DATE)) <= $as_of
),
gapped AS (
  SELECT
    *,
    CASE
      WHEN NOT has_come OR without_reading THEN NULL
      WHEN unit = 'date' AND better = 'lower' THEN date_diff('day', delivered_on, level_on)
      WHEN unit = 'date' THEN date_diff('day', level_on, delivered_on)
      WHEN better = 'lower' THEN level - delivered_level
      ELSE delivered_level - level
    END AS gap
  FROM joined
)
SELECT
  promise_id,
  attribute,
  CASE WHEN unit = 'date' THEN 'days' ELSE unit END AS unit,
  better,
  category,
  segment,
  customer,
  partner,
  weight,
  CAST(gap AS DOUBLE) AS gap,
  CASE
    WHEN order_state = 'withdrawn' THEN 'withdrawn'
    WHEN has_come AND without_reading THEN 'unknown'
    WHEN has_come AND gap >= 0 THEN 'kept'
    WHEN has_come AND unit = 'date' THEN 'broken_late'
    WHEN has_come THEN 'broken_short'
    WHEN order_state = 'done' AND NOT comes_later THEN 'unknown'
    WHEN unit = 'date' AND level_on < $as_of THEN 'broken_undelivered'
    ELSE 'open'
  END AS status,
  coalesce(delivered_on, level_on, CAST($as_of AS DATE)) AS happened_on
FROM gapped
ORDER BY promise_id, category
