-- One row per customer of an earlier decision to contact, or of a campaign that was drawn by chance: which arm chance
-- gave them, and what they brought in up to $window_days days before and after. By assignment, carried out or not.
-- A decision knew its own day, so what comes after begins the day after; a campaign's begins on its day.
-- Touches of our own decisions are no campaign: they stand in the decisions. Who they are is not needed and not kept.
-- Chance speaks once: a decision within $window_days days of another about the same customer is not counted, for those
-- who were chosen may be chosen again in a period and those withheld may not.
WITH drawn AS (
  SELECT
    t.customer_id,
    t.campaign,
    t.direction,
    t.propensity,
    t.touched_on,
    row_number() OVER (PARTITION BY t.source, t.campaign, t.customer_id ORDER BY t.touched_on, t.touch_id) AS place
  FROM v_touch t
  WHERE t.campaign <> '' AND t.propensity IS NOT NULL AND t.direction IN ('out', 'withheld')
    AND t.source <> 'eigenform' AND t.touched_on <= $as_of
),
decided AS (
  SELECT
    d.recorded_seq,
    d.subject,
    d.held_out,
    d.propensity,
    d.as_of,
    lag(d.as_of) OVER (PARTITION BY d.subject ORDER BY d.as_of, d.recorded_seq) AS earlier_on
  FROM v_decision d
  WHERE d.kind = 'contact_customer' AND d.held_out IS NOT NULL AND d.propensity IS NOT NULL AND d.as_of <= $as_of
),
assigned AS (
  SELECT
    0 AS decision_seq,
    d.campaign,
    d.customer_id,
    c.subject,
    c.segment,
    d.direction = 'out' AS treated,
    d.propensity,
    d.touched_on AS assigned_on,
    0 AS first_day
  FROM drawn d
  JOIN v_customer c ON c.customer_id = d.customer_id
  WHERE d.place = 1
  UNION ALL
  SELECT d.recorded_seq, '', c.customer_id, c.subject, c.segment, NOT CAST(d.held_out AS BOOLEAN), d.propensity, d.as_of, 1
  FROM decided d
  JOIN v_customer c ON d.subject = concat('customer:', c.subject)
  WHERE d.earlier_on IS NULL OR date_diff('day', d.earlier_on, d.as_of) >= $window_days
),
bought AS (
  SELECT
    a.decision_seq,
    a.campaign,
    a.customer_id,
    date_diff('day', a.assigned_on, o.ordered_on) - a.first_day AS days_after,
    o.worth_minor,
    o.is_purchase
  FROM assigned a
  JOIN memory.main.order_money o ON o.customer_id = a.customer_id
  WHERE o.currency = $currency
),
money AS (
  SELECT
    decision_seq,
    campaign,
    customer_id,
    sum(worth_minor) FILTER (WHERE days_after >= 0 AND days_after < $window_days) AS after_minor,
    count(*) FILTER (WHERE is_purchase AND days_after >= 0 AND days_after < $window_days) AS orders_after,
    sum(worth_minor) FILTER (WHERE days_after < 0 AND days_after >= -$window_days) AS before_minor,
    sum(worth_minor) FILTER (WHERE days_after < 0 AND days_after >= -364) AS year_before_minor,
    count(*) FILTER (WHERE is_purchase AND days_after < 0 AND days_after >= -364) AS orders_year_before,
    max(days_after) FILTER (WHERE is_purchase AND days_after < 0) AS last_days
  FROM bought
  GROUP BY decision_seq, campaign, customer_id
)
SELECT
  a.decision_seq,
  a.campaign,
  coalesce(a.segment, '') AS segment,
  a.treated,
  a.propensity,
  a.assigned_on,
  coalesce(m.after_minor, 0) AS after_minor,
  coalesce(m.orders_after, 0) AS orders_after,
  coalesce(m.before_minor, 0) AS before_minor,
  coalesce(m.year_before_minor, 0) AS year_before_minor,
  coalesce(m.orders_year_before, 0) AS orders_year_before,
  -coalesce(m.last_days, -3650) AS days_since_last
FROM assigned a
LEFT JOIN money m
  ON m.decision_seq = a.decision_seq AND m.campaign = a.campaign AND m.customer_id = a.customer_id
ORDER BY a.campaign, a.decision_seq, a.subject
