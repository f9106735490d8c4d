-- One row per customer of a purchase log who had bought by $until_moment. Several purchases at one moment (one day,
-- usually) are one event whose amounts add up. Moments are whole numbers, so that every engine counts alike.
-- An amount below $lowest_amount is no purchase: it was given back, see log_refunds. The mean is that of the events after
-- the first, and unknown for customers with an event of which no amount is known. Amounts are added as whole steps, of
-- which $steps make one unit of money: whole numbers add up to the same in any order, on any number of threads.
WITH event AS (
  SELECT customer, moment, sum(floor(amount * $steps + 0.5e0)) AS amount
  FROM log_rows
  WHERE customer IS NOT NULL AND day <= $last_day AND coalesce(amount, 0e0) >= $lowest_amount
  GROUP BY customer, moment
),
told AS (
  SELECT
    customer,
    count(*) AS events,
    count(*) FILTER (WHERE moment > $until_moment) AS actual,
    count(amount) FILTER (WHERE moment <= $until_moment) AS amounts,
    sum(amount) FILTER (WHERE moment <= $until_moment) AS spent,
    min_by(amount, moment) AS first_spent,
    min(moment) AS first_moment,
    max(moment) FILTER (WHERE moment <= $until_moment) AS last_moment
  FROM event
  GROUP BY customer
)
SELECT
  customer,
  events - actual - 1 AS repeats,
  last_moment - first_moment AS last,
  $end_moment - first_moment AS age,
  actual,
  coalesce(
    CASE WHEN amounts = events - actual THEN (spent - first_spent) / nullif((amounts - 1) * $steps, 0) END, CAST('nan' AS DOUBLE)
  ) AS mean_spend
FROM told
WHERE first_moment <= $until_moment
