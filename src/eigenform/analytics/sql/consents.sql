-- What customers said of being reached by a channel: who refused is not, and some offers need that they agreed.
SELECT c.subject AS customer, s.channel, s.state
FROM v_consent s
JOIN v_customer c ON c.customer_id = s.customer_id
ORDER BY 1, 2
