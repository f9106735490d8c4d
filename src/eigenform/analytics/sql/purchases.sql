-- One row per customer with a purchase up to $as_of: what the worth of the relationship is judged from.
-- Several purchases of one customer on one day are one event whose amounts add up; weeks are days / 7.
-- What was taken back (orders of returns only) lowers the customer's spend in proportion to what they bought.
WITH day AS (
  SELECT
    customer_id,
    ordered_on,
    sum(worth_minor) FILTER (WHERE currency = $currency) AS worth_minor,
    max(weight) AS weight,
    count(*) AS orders
  FROM memory.main.order_money
  WHERE is_purchase AND customer_id IS NOT NULL
  GROUP BY customer_id, ordered_on
),
first_day AS (
  SELECT customer_id, min(ordered_on) AS first_on FROM day GROUP BY customer_id
),
kept AS (
  SELECT
    customer_id,
    least(greatest(sum(worth_minor) / nullif(sum(worth_minor) FILTER (WHERE is_purchase), 0), 0.0), 1.0) AS kept_share
  FROM memory.main.order_money
  WHERE currency = $currency AND customer_id IS NOT NULL
  GROUP BY customer_id
),
recent AS (
  SELECT
    customer_id,
    sum(amount_minor) AS revenue_52w_minor,
    sum(amount_minor * weight) AS revenue_52w_weighted_minor
  FROM memory.main.order_money
  WHERE ordered_on > CAST($as_of AS DATE) - 364 AND currency = $currency AND customer_id IS NOT NULL
  GROUP BY customer_id
)
SELECT
  c.subject,
  c.source,
  c.segment,
  count(*) - 1 AS repeats,
  date_diff('day', f.first_on, max(d.ordered_on)) / 7e0 AS last_week,
  date_diff('day', f.first_on, CAST($as_of AS DATE)) / 7e0 AS age_weeks,
  avg(d.worth_minor) FILTER (WHERE d.ordered_on > f.first_on) * coalesce(max(k.kept_share), 1.0) AS mean_spend_minor,
  max(d.weight) AS weight,
  sum(d.orders) AS orders_count,
  max(d.ordered_on) AS last_order_on,
  coalesce(max(r.revenue_52w_minor), 0) AS revenue_52w_minor,
  coalesce(max(r.revenue_52w_weighted_minor), 0) AS revenue_52w_weighted_minor
FROM day d
JOIN first_day f ON f.customer_id = d.customer_id
JOIN v_customer c ON c.customer_id = d.customer_id
LEFT JOIN kept k ON k.customer_id = d.customer_id
LEFT JOIN recent r ON r.customer_id = d.customer_id
GROUP BY c.subject, c.source, c.segment, f.first_on
ORDER BY c.subject
