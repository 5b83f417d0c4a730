-- A change that was applied, and whose group is waited for until it has its instances (--wait-stable), has a state of
-- its own in `change_report`.

DROP VIEW change_report;

CREATE VIEW change_report AS
SELECT
  t.run_id,
  t.change,
  t.line,
  p.project_id,
  t.scaling_group_id,
  s.scaling_group_name,
  CASE
    WHEN s.wait_cause = 'stable' THEN 'stabilizing'
    WHEN s.state IS NOT NULL AND s.state <> 'held' THEN s.state
    -- An abandoned run leaves no row for what it has never begun.
    WHEN r.state = 'abandoned' THEN 'abandoned'
    ELSE 'pending'
  END AS state,
  coalesce(s.applied, 'no') AS applied,
  coalesce(s.attempts, 0) AS attempts,
  s.http_status,
  s.error_code,
  s.error_message,
  t.planned,
  (SELECT prior FROM prior_record WHERE run_change = s.id AND attempt = s.record_attempt) AS prior,
  s.found,
  strftime('%Y-%m-%dT%H:%M:%fZ', s.started_at / 1000.0, 'unixepoch') AS started_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', s.finished_at / 1000.0, 'unixepoch') AS finished_at,
  t.comment
FROM run_task t
JOIN run r ON r.id = t.run_id
JOIN project p ON p.id = t.project
LEFT JOIN run_change s ON s.id = t.id;

-- A record whose PUT is known to have had no effect is not in force: there is nothing to take back.

DROP VIEW rollback_record;

-- The records in force: of every change whose PUT was, or may have been, applied.
CREATE VIEW rollback_record AS
SELECT
  r.id AS run_id,
  s.id & 4294967295 AS change,
  c.line,
  p.project_id,
  c.scaling_group_id,
  f.key AS field,
  coalesce(k.prior -> ('$.' || f.key), 'null') AS prior,
  k.planned -> ('$.' || f.key) AS planned,
  CASE WHEN k.unrestorable IS NULL THEN 1
    ELSE NOT EXISTS (SELECT 1 FROM json_each(k.unrestorable) u WHERE u.value = f.key) END AS restorable,
  strftime('%Y-%m-%dT%H:%M:%fZ', k.recorded_at / 1000.0, 'unixepoch') AS recorded_at
FROM run r
JOIN run_change s ON s.id > r.id << 32 AND s.id < (r.id + 1) << 32 AND s.effective_attempt IS NOT NULL
  AND (s.applied <> 'no' OR s.state = 'sending')
JOIN prior_record k ON k.run_change = s.id AND k.attempt = s.record_attempt
JOIN change c ON c.id = r.plan_id << 32 | (s.id & 4294967295)
JOIN project p ON p.id = c.project
JOIN json_each(k.planned) f;
