-- What the firm's money looks like up to $as_of: how much was returned, and how much stands in other currencies.
SELECT
  coalesce(sum(worth_minor) FILTER (WHERE is_purchase AND currency = $currency), 0) AS sold_minor,
  coalesce(-sum(worth_minor) FILTER (WHERE NOT is_purchase AND currency = $currency), 0) AS taken_back_minor,
  count(*) FILTER (WHERE currency <> $currency) AS orders_in_other_currencies,
  coalesce(sum(lines_without_margin), 0) AS lines_without_margin
FROM memory.main.order_money
