-- The distinct histories of a purchase log, apart whether the repeat purchases have a usable amount: how many customers
-- share each, what they spent on repeat purchases, and the sum of its squares.
WITH told AS (
  SELECT
    repeats,
    last,
    age,
    CASE WHEN repeats > 0 AND mean_spend > 0 AND mean_spend <= 1.7976931348623157e308 THEN repeats * mean_spend END
      AS spent
  FROM log_kept
)
SELECT
  repeats,
  last,
  age,
  CASE WHEN repeats > 0 AND spent IS NULL THEN 1 ELSE 0 END AS unknown,
  count(*) AS customers,
  coalesce(sum(spent), 0e0) AS spent,
  coalesce(sum(spent * spent), 0e0) AS spent_square
FROM told
GROUP BY repeats, last, age, CASE WHEN repeats > 0 AND spent IS NULL THEN 1 ELSE 0 END
ORDER BY repeats, last, age, unknown
