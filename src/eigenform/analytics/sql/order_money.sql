-- One row per order that counts as a purchase or takes one back, up to $as_of, in the reporting currency.
-- margin share: given per line, else by category from the policy, else the amount itself stands in.
SELECT
  o.order_id,
  o.customer_id,
  o.ordered_on,
  o.weight,
  o.currency,
  count(l.order_line_id) = 0 OR count(*) FILTER (WHERE l.kind = 'sale') > 0 AS is_purchase,
  coalesce(sum(l.amount_minor), 0) AS amount_minor,
  coalesce(sum(coalesce(l.margin_minor, l.amount_minor * coalesce(s.share, 1.0))), 0) AS worth_minor,
  count(*) FILTER (WHERE l.order_line_id IS NOT NULL AND l.margin_minor IS NULL AND s.share IS NULL) AS lines_without_margin
FROM v_order o
LEFT JOIN v_order_line l ON l.order_id = o.order_id
LEFT JOIN v_offering f ON f.offering_id = l.offering_id
LEFT JOIN policy_margin s ON s.category = f.category
WHERE o.ordered_on <= $as_of AND o.state <> 'withdrawn'
GROUP BY o.order_id, o.customer_id, o.ordered_on, o.weight, o.currency
