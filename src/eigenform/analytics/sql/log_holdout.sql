-- Purchase events of the hold-out by moment, of customers of a purchase log who had bought by $until_day.
WITH known AS (
  SELECT DISTINCT customer
  FROM log_rows
  WHERE customer IS NOT NULL AND day <= $until_day AND coalesce(amount, 0e0) >= $lowest_amount
),
event AS (
  SELECT DISTINCT customer, moment
  FROM log_rows
  WHERE day > $until_day AND day <= $last_day AND coalesce(amount, 0e0) >= $lowest_amount
)
SELECT e.moment, count(*) AS events
FROM event e
JOIN known k ON k.customer = e.customer
GROUP BY e.moment
ORDER BY e.moment
