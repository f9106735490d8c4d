-- The histories of a purchase log, one row per customer in the order of their ids.
SELECT customer, repeats, last, age, actual, mean_spend
FROM log_histories
ORDER BY customer
