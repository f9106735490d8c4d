-- What the firm's money looks like up to $as_of: what stands in other currencies, and what has no margin.
SELECT
  count(*) FILTER (WHERE currency <> $currency) AS orders_in_other_currencies,
  coalesce(sum(lines_without_margin), 0) AS lines_without_margin
FROM memory.main.order_money
