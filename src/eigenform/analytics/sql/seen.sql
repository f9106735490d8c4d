-- How much of each kind of feedback there was up to $as_of.
SELECT 'customers' AS kind, count(*) AS n FROM v_customer
UNION ALL SELECT 'offerings', count(*) FROM v_offering
UNION ALL SELECT 'partners', count(*) FROM v_partner
UNION ALL SELECT 'orders', count(*) FROM v_order WHERE ordered_on <= $as_of
UNION ALL SELECT 'promises', count(*) FROM v_promise WHERE coalesce(made_on, CAST($as_of AS DATE)) <= $as_of
UNION ALL SELECT 'deliveries', count(*) FROM v_delivery WHERE coalesce(delivered_on, CAST($as_of AS DATE)) <= $as_of
UNION ALL SELECT 'answers', count(*) FROM v_answer WHERE answered_on <= $as_of
UNION ALL SELECT 'touches', count(*) FROM v_touch WHERE touched_on <= $as_of AND direction <> 'withheld'
UNION ALL SELECT 'leads', count(*) FROM v_lead WHERE created_on <= $as_of
UNION ALL SELECT 'opportunities', count(*) FROM v_opportunity WHERE coalesce(opened_on, CAST($as_of AS DATE)) <= $as_of
UNION ALL SELECT 'cases', count(*) FROM v_case WHERE opened_on <= $as_of
UNION ALL SELECT 'decisions', count(*) FROM v_decision WHERE as_of <= $as_of
UNION ALL SELECT 'deeds', count(*) FROM v_deed
