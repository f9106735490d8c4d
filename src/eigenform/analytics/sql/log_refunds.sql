-- Customers of a purchase log who got money back by $until_moment: what they had paid, and what came back (below 0),
-- in whole steps, of which $steps make one unit of money.
SELECT
  customer,
  sum(CASE WHEN amount > 0 THEN floor(amount * $steps + 0.5e0) ELSE 0e0 END) AS paid,
  sum(CASE WHEN amount < 0 THEN floor(amount * $steps + 0.5e0) ELSE 0e0 END) AS given_back
FROM log_rows
WHERE customer IS NOT NULL AND moment <= $until_moment
GROUP BY customer
HAVING sum(CASE WHEN amount < 0 THEN floor(amount * $steps + 0.5e0) ELSE 0e0 END) < 0
ORDER BY customer
