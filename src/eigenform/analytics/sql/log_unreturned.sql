-- The histories of a purchase log in which nothing was given back.
SELECT customer, repeats, last, age, actual, mean_spend
FROM log_histories
