-- Distinct pairs of repeat purchases and their mean amount, and how many customers share each; last and age are of one
-- of them. A mean that is not known is one value, nan.
SELECT repeats, max(last) AS last, max(age) AS age, mean_spend, count(*) AS customers
FROM log_kept
WHERE repeats > 0
GROUP BY repeats, mean_spend
ORDER BY repeats, mean_spend
