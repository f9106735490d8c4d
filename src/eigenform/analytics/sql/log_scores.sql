-- One row per customer of a purchase log: what log_scored foretells for their history. Money is told there per unit of
-- a spend rate, $gamma plus what the customer was seen to spend; it is NULL where no amounts are known.
WITH told AS (
  SELECT
    customer,
    repeats,
    last,
    age,
    CASE WHEN repeats > 0 AND mean_spend > 0 AND mean_spend <= 1.7976931348623157e308 THEN repeats * mean_spend END
      AS spent
  FROM log_kept
)
SELECT
  t.customer,
  s.p_alive,
  s.expected_purchases,
  s.expected_purchases_low,
  s.expected_purchases_high,
  s.value_per_rate * ($gamma + coalesce(t.spent, 0e0)) AS value,
  s.value_low_per_rate * ($gamma + coalesce(t.spent, 0e0)) AS value_low,
  s.value_high_per_rate * ($gamma + coalesce(t.spent, 0e0)) AS value_high
FROM told t
JOIN log_scored s
  ON s.repeats = t.repeats
  AND s.last = t.last
  AND s.age = t.age
  AND s.unknown = CASE WHEN t.repeats > 0 AND t.spent IS NULL THEN 1 ELSE 0 END
