-- One row, none without a purchase: since when the base's histories reach back, and the day that an honest hold-out is cut at.
-- The history begins when the first of a hundred customers had come, so that one stray early order does not stretch it.
-- The hold-out is as long as the horizon, but at most a third of the history, in whole weeks.
WITH first_day AS (
  SELECT customer_id, min(ordered_on) AS first_on
  FROM memory.main.order_money
  WHERE is_purchase AND customer_id IS NOT NULL
  GROUP BY customer_id
),
came AS (
  SELECT
    first_on,
    row_number() OVER (ORDER BY first_on, customer_id) AS place,
    count(*) OVER () AS customers
  FROM first_day
),
began AS (
  SELECT min(first_on) AS began_on FROM came WHERE 100 * place >= customers
),
stretch AS (
  SELECT
    began_on,
    least($horizon_weeks, CAST(floor(date_diff('day', began_on, CAST($as_of AS DATE)) / 21e0) AS INTEGER)) AS weeks
  FROM began
)
SELECT
  began_on,
  CAST($as_of AS DATE) - 7 * weeks AS cut_on,
  weeks
FROM stretch
WHERE began_on IS NOT NULL
