-- What stands in a purchase log, counted before anything is judged from it. Days are days since 1970-01-01.
SELECT
  count(*) AS rows_read,
  count(customer) AS with_customer,
  count(day) AS with_day,
  count(amount) AS with_amount,
  count(*) FILTER (WHERE amount < 0) AS below_zero,
  max(abs(amount)) AS largest_amount,
  count(*) FILTER (WHERE day > $latest_day) AS too_late,
  min(day) AS first_day,
  max(day) FILTER (WHERE day <= $latest_day) AS last_day
FROM log_rows
