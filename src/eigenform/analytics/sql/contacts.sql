-- Days on which a customer was contacted by us or is planned to be: what the contact cap counts.
SELECT c.subject AS customer, t.touched_on AS contacted_on
FROM v_touch t
JOIN v_customer c ON c.customer_id = t.customer_id
WHERE t.direction = 'out' AND t.touched_on > CAST($as_of AS DATE) - 400
UNION ALL
SELECT c.subject, p.planned_on
FROM v_contact_plan p
JOIN v_customer c ON c.customer_id = p.customer_id
WHERE p.state = 'planned'
ORDER BY 1, 2
