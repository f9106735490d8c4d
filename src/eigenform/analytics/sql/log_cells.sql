-- The distinct histories of a purchase log with their hold-out, and how many customers share each: all that fitting and
-- judging need, and small however many customers there are.
SELECT repeats, last, age, actual, count(*) AS customers
FROM log_histories
GROUP BY repeats, last, age, actual
ORDER BY repeats, last, age, actual
