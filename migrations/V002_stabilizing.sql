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
