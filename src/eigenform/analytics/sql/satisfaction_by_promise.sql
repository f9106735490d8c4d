-- The latest satisfaction answer about each promise's subject, by what became of the promise.
WITH latest AS (
  SELECT source, subject_key, score, scale_min, scale_max,
    row_number() OVER (PARTITION BY source, subject_key ORDER BY coalesce(answered_at, answered_on) DESC, answer_id DESC) AS place
  FROM v_answer
  WHERE kind = 'satisfaction' AND subject_key <> '' AND answered_on <= $as_of
),
status AS (
  SELECT promise_id, min(status) AS status FROM memory.main.promise_readings GROUP BY promise_id
)
SELECT
  s.status,
  count(*) AS n,
  avg(l.score) AS mean,
  coalesce(stddev_samp(l.score), 0.0) AS sd
FROM status s
JOIN v_promise p ON p.promise_id = s.promise_id
JOIN latest l ON l.source = p.source AND l.subject_key = p.subject_key AND l.place = 1
GROUP BY s.status
ORDER BY s.status
