-- Customers of a purchase log who got money back: all, those with a purchase, and those who got more than they had paid.
SELECT
  count(*) AS refunded,
  count(h.customer) AS with_purchase,
  count(h.customer) FILTER (WHERE r.given_back + CASE WHEN r.paid > 0 THEN r.paid ELSE 1e0 END < 0) AS overpaid
FROM log_refunds r
LEFT JOIN log_histories h ON h.customer = r.customer
