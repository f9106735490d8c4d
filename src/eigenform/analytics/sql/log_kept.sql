-- The histories of a purchase log after returns: spend is lowered by the share of what was paid that came back.
SELECT
  h.customer,
  h.repeats,
  h.last,
  h.age,
  h.actual,
  h.mean_spend
    * greatest(0e0, coalesce(1e0 + r.given_back / nullif(CASE WHEN r.paid > 0 THEN r.paid ELSE 1e0 END, 0), 1e0))
    AS mean_spend
FROM log_histories h
LEFT JOIN log_refunds r ON r.customer = h.customer
