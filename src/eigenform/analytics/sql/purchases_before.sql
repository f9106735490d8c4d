-- One row per customer with a purchase up to the cut of `history`: what was known of them then, and how often they
-- have bought since. Days and weeks as in `purchases`; without names, for models are only tried on it.
WITH cut AS (
  SELECT cut_on FROM memory.main.history
),
day AS (
  SELECT DISTINCT customer_id, ordered_on
  FROM memory.main.order_money
  WHERE is_purchase AND customer_id IS NOT NULL
),
known AS (
  SELECT
    d.customer_id,
    min(d.ordered_on) AS first_on,
    max(d.ordered_on) FILTER (WHERE d.ordered_on <= t.cut_on) AS last_on,
    count(*) FILTER (WHERE d.ordered_on <= t.cut_on) AS days_before,
    count(*) FILTER (WHERE d.ordered_on > t.cut_on) AS days_since
  FROM day d
  CROSS JOIN cut t
  GROUP BY d.customer_id
)
SELECT
  c.source,
  k.days_before - 1 AS repeats,
  date_diff('day', k.first_on, k.last_on) / 7e0 AS last_week,
  date_diff('day', k.first_on, t.cut_on) / 7e0 AS age_weeks,
  k.days_since AS bought_since
FROM known k
CROSS JOIN cut t
JOIN v_customer c ON c.customer_id = k.customer_id
WHERE k.days_before > 0
ORDER BY c.subject
