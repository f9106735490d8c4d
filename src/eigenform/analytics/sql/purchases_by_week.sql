-- Purchases since the cut of `history` by customers known then, per source and week (1 is the first week after the cut).
WITH cut AS (
  SELECT cut_on FROM memory.main.history
),
day AS (
  SELECT DISTINCT customer_id, ordered_on
  FROM memory.main.order_money
  WHERE is_purchase AND customer_id IS NOT NULL
),
known AS (
  SELECT d.customer_id
  FROM day d
  CROSS JOIN cut t
  WHERE d.ordered_on <= t.cut_on
  GROUP BY d.customer_id
)
SELECT
  c.source,
  1 + CAST(floor((date_diff('day', t.cut_on, d.ordered_on) - 1) / 7e0) AS INTEGER) AS week,
  count(*) AS purchases
FROM day d
CROSS JOIN cut t
JOIN known k ON k.customer_id = d.customer_id
JOIN v_customer c ON c.customer_id = d.customer_id
WHERE d.ordered_on > t.cut_on
GROUP BY 1, 2
ORDER BY 1, 2
