-- The ledger, version 1. The four views at the end are public: their columns stay. The tables are ours.
--
-- Times are milliseconds since 1970-01-01 UTC; the views show them as ISO 8601 text.
-- A change of a plan has the id `plan.id << 32 | change`, a change of a run `run.id << 32 | change`, where
-- `change` is its number in the plan, from 1: rows lie in plan order, and one range is one plan or run.

CREATE TABLE project (
  id INTEGER PRIMARY KEY,
  project_id TEXT NOT NULL UNIQUE CHECK (length(project_id) > 0)
) STRICT;

-- A plan is its bytes, format and default project. It is `loading` until the transaction that makes it visible.
CREATE TABLE plan (
  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 2147483646),
  state TEXT NOT NULL CHECK (state IN ('loading', 'loaded')),
  name TEXT NOT NULL,
  file TEXT NOT NULL,
  format TEXT NOT NULL CHECK (format IN ('csv', 'json', 'jsonl')),
  default_project TEXT NOT NULL DEFAULT '',
  sha256 TEXT CHECK (length(sha256) = 64),
  bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0),
  changes INTEGER NOT NULL DEFAULT 0 CHECK (changes >= 0),
  groups INTEGER NOT NULL DEFAULT 0 CHECK (groups BETWEEN 0 AND changes),
  projects INTEGER NOT NULL DEFAULT 0 CHECK (projects BETWEEN 0 AND changes),
  warnings TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(warnings)),
  loaded_at INTEGER NOT NULL,
  CHECK (state = 'loading' OR sha256 IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX plan_identity ON plan (sha256, format, default_project) WHERE state = 'loaded';

CREATE TABLE change (
  id INTEGER PRIMARY KEY,
  line INTEGER NOT NULL CHECK (line >= 1),
  project INTEGER NOT NULL REFERENCES project (id),
  scaling_group_id TEXT NOT NULL,
  -- The fields to change, as the API's request body has them.
  planned TEXT NOT NULL,
  -- What the live values must be, NULL where nothing is expected.
  expected TEXT,
  comment TEXT,
  -- The previous change of the same group in the same plan: this one waits for it.
  after INTEGER CHECK (after < id)
) STRICT;

CREATE INDEX change_after ON change (after) WHERE after IS NOT NULL;

-- The groups of a plan by a 64-bit hash of (project, group): for finding a plan's changes to a group, and the
-- groups that two plans share. Hashes may collide, so whoever looks here compares the ids themselves.
-- `change` is the number in the plan, without the plan's id above it.
CREATE TABLE plan_group (
  plan_id INTEGER NOT NULL REFERENCES plan (id),
  group_key INTEGER NOT NULL,
  change INTEGER NOT NULL,
  PRIMARY KEY (plan_id, group_key, change)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 2147483646),
  plan_id INTEGER NOT NULL REFERENCES plan (id),
  kind TEXT NOT NULL CHECK (kind IN ('apply', 'rollback')),
  rolls_back INTEGER REFERENCES run (id),
  -- `preparing`: a rollback whose changes are still being written down; it is not yet visible.
  state TEXT NOT NULL CHECK (state IN ('preparing', 'unfinished', 'completed', 'abandoned')),
  stop_reason TEXT,
  -- 1: from the last change to the first (a rollback undoes the newest change first).
  descending INTEGER NOT NULL DEFAULT 0 CHECK (descending IN (0, 1)),
  -- Every change before this one, in the run's direction, has a row in run_change. 0: none has.
  cursor INTEGER NOT NULL DEFAULT 0 CHECK (cursor >= 0),
  total INTEGER NOT NULL CHECK (total >= 0),
  succeeded INTEGER NOT NULL DEFAULT 0 CHECK (succeeded >= 0),
  unchanged INTEGER NOT NULL DEFAULT 0 CHECK (unchanged >= 0),
  failed INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
  blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked >= 0),
  conflicted INTEGER NOT NULL DEFAULT 0 CHECK (conflicted >= 0),
  abandoned INTEGER NOT NULL DEFAULT 0 CHECK (abandoned >= 0),
  gets INTEGER NOT NULL DEFAULT 0,
  puts INTEGER NOT NULL DEFAULT 0,
  retries INTEGER NOT NULL DEFAULT 0,
  -- How many instances the changes applied so far take away (a positive number).
  instances_removed INTEGER NOT NULL DEFAULT 0 CHECK (instances_removed >= 0),
  options TEXT NOT NULL CHECK (json_valid(options)),
  endpoints TEXT NOT NULL CHECK (json_valid(endpoints)),
  reason TEXT,
  operator TEXT NOT NULL,
  host TEXT NOT NULL,
  tool_version TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  -- The time that executors have worked on it, without the pauses between them.
  elapsed_ms INTEGER NOT NULL DEFAULT 0 CHECK (elapsed_ms >= 0),
  CHECK (succeeded + unchanged + failed + blocked + conflicted + abandoned <= total),
  CHECK (kind = 'rollback' OR rolls_back IS NULL),
  CHECK (state <> 'completed' OR succeeded + unchanged + failed + blocked + conflicted + abandoned = total),
  CHECK ((state IN ('completed', 'abandoned')) = (finished_at IS NOT NULL))
) STRICT;

CREATE INDEX run_unfinished ON run (plan_id) WHERE state IN ('preparing', 'unfinished');

-- The changes of a rollback run: what to write back, and what the run that is rolled back has set.
CREATE TABLE restore_change (
  id INTEGER PRIMARY KEY,
  planned TEXT NOT NULL,
  expected TEXT NOT NULL,
  -- Why it cannot be restored, where that is known beforehand.
  blocked TEXT,
  -- The change of the same group that this one waits for (later in the plan for a descending run).
  after INTEGER
) STRICT;

CREATE INDEX restore_change_after ON restore_change (after) WHERE after IS NOT NULL;

-- The life of a change in a run. A change without a row is pending. `held`: the previous change of its group
-- has not ended. `waiting`: due again at due_at. `sending`: its record and intent are durable and its PUT may be
-- on the way; found so after a crash, it is in doubt. `verifying`: the PUT has succeeded and is being read back.
CREATE TABLE run_change (
  id INTEGER PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('held', 'waiting', 'sending', 'verifying', 'succeeded', 'unchanged',
    'failed', 'blocked', 'conflicted', 'abandoned')),
  applied TEXT NOT NULL DEFAULT 'no' CHECK (applied IN ('yes', 'no', 'unknown')),
  -- PUTs sent.
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- Attempts used of --max-attempts: PUTs and reads that failed, without the busy ones.
  tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
  -- The first attempt that may have taken effect: the record in force is the last one not after it.
  effective_attempt INTEGER,
  -- The attempt whose prior_record is in force, or would be if the next PUT took effect.
  record_attempt INTEGER,
  scaling_group_name TEXT,
  http_status INTEGER,
  error_code TEXT,
  error_message TEXT,
  found TEXT,
  started_at INTEGER,
  finished_at INTEGER,
  -- When the intent to send the last PUT was recorded.
  sent_at INTEGER,
  -- When an answer to a PUT was last lost: the group's next PUT waits one request timeout from then.
  lost_at INTEGER,
  due_at INTEGER,
  -- How long the wait was to be when due_at was set: it bounds due_at after the clock was set back.
  delay_ms INTEGER,
  -- What a waiting change waits for; `prompt` is for nothing but its turn.
  wait_cause TEXT CHECK (wait_cause IN ('prompt', 'retry', 'busy', 'settle', 'outage', 'verify', 'stable')),
  -- Since when the group is busy (--wait-scaling), or being read back (--verify, --wait-stable).
  wait_since INTEGER,
  -- By how many instances the change moves the group, as read before the PUT.
  instance_change INTEGER NOT NULL DEFAULT 0,
  CHECK ((state IN ('waiting', 'verifying')) = (due_at IS NOT NULL)),
  CHECK ((due_at IS NULL) = (wait_cause IS NULL)),
  CHECK ((state IN ('succeeded', 'unchanged', 'failed', 'blocked', 'conflicted', 'abandoned')) = (finished_at IS NOT NULL)),
  CHECK (state NOT IN ('sending', 'verifying') OR (record_attempt IS NOT NULL AND attempts >= 1)),
  CHECK (state <> 'sending' OR effective_attempt IS NOT NULL),
  CHECK (state <> 'succeeded' OR applied <> 'no' OR effective_attempt IS NOT NULL),
  CHECK (state <> 'unchanged' OR applied = 'no')
) STRICT;

-- Two, so that a hundred thousand parked groups do not stand before the change that is to be tried again.
CREATE INDEX run_change_due ON run_change (id >> 32, due_at) WHERE due_at IS NOT NULL AND wait_cause <> 'busy';
CREATE INDEX run_change_busy ON run_change (id >> 32, due_at) WHERE due_at IS NOT NULL AND wait_cause = 'busy';
CREATE INDEX run_change_in_doubt ON run_change (id) WHERE state = 'sending';
CREATE INDEX run_change_held ON run_change (id) WHERE state = 'held';
-- Without the abandoned ones, which may be nearly all of a run.
CREATE INDEX run_change_trouble ON run_change (id) WHERE state IN ('failed', 'blocked', 'conflicted');

CREATE TRIGGER run_change_success_is_final BEFORE UPDATE OF state ON run_change
WHEN OLD.state IN ('succeeded', 'unchanged') AND NEW.state <> OLD.state
BEGIN SELECT RAISE (ABORT, 'a change that has succeeded is never taken up again'); END;

-- The rollback record: the prior values of the fields that an attempt sends. Rows are only ever added.
CREATE TABLE prior_record (
  run_change INTEGER NOT NULL,
  attempt INTEGER NOT NULL CHECK (attempt >= 1),
  recorded_at INTEGER NOT NULL,
  prior TEXT NOT NULL,
  planned TEXT NOT NULL,
  -- The fields whose prior has no documented way back, as a JSON array; NULL for none.
  unrestorable TEXT,
  PRIMARY KEY (run_change, attempt)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER prior_record_is_never_changed BEFORE UPDATE ON prior_record
BEGIN SELECT RAISE (ABORT, 'a rollback record is never overwritten'); END;

-- INSERT OR REPLACE would pass by the two others.
CREATE TRIGGER prior_record_is_never_replaced BEFORE INSERT ON prior_record
WHEN EXISTS (SELECT 1 FROM prior_record WHERE run_change = NEW.run_change AND attempt = NEW.attempt)
BEGIN SELECT RAISE (ABORT, 'a rollback record is never overwritten'); END;

CREATE TRIGGER prior_record_is_never_deleted BEFORE DELETE ON prior_record
BEGIN SELECT RAISE (ABORT, 'a rollback record is never deleted'); END;

-- Every PUT that has ended, and every GET that failed.
CREATE TABLE attempt (
  run_change INTEGER NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1),
  attempt INTEGER NOT NULL CHECK (attempt >= 1),
  method TEXT NOT NULL CHECK (method IN ('GET', 'PUT')),
  sent_at INTEGER NOT NULL,
  duration_ms INTEGER,
  http_status INTEGER,
  error_code TEXT,
  error_message TEXT,
  request_id TEXT,
  outcome TEXT NOT NULL CHECK (outcome IN ('succeeded', 'refused', 'lost', 'not_sent')),
  PRIMARY KEY (run_change, number)
) STRICT, WITHOUT ROWID;

-- One row for each time that an executor worked on a run.
CREATE TABLE run_session (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run (id),
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  operator TEXT NOT NULL,
  options TEXT NOT NULL CHECK (json_valid(options)),
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  stop_reason TEXT
) STRICT;

CREATE INDEX run_session_run ON run_session (run_id);

-- The rate and concurrency that `tune` asks of a live run. The last row counts.
CREATE TABLE tuning (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run (id),
  rate REAL CHECK (rate >= 0),
  concurrency INTEGER CHECK (concurrency BETWEEN 1 AND 1024),
  operator TEXT NOT NULL,
  requested_at INTEGER NOT NULL
) STRICT;

CREATE INDEX tuning_run ON tuning (run_id);

-- How a run went over time: one row for about ten seconds of it.
CREATE TABLE run_sample (
  run_id INTEGER NOT NULL REFERENCES run (id),
  sampled_at INTEGER NOT NULL,
  elapsed_ms INTEGER NOT NULL,
  finished INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  gets INTEGER NOT NULL,
  puts INTEGER NOT NULL,
  retries INTEGER NOT NULL,
  throttled INTEGER NOT NULL,
  in_flight INTEGER NOT NULL,
  waiting INTEGER NOT NULL,
  -- The rate that was set, and the one that throttling had brought it down to, in requests a second; 0: unlimited.
  rate REAL NOT NULL,
  effective_rate REAL NOT NULL,
  PRIMARY KEY (run_id, sampled_at)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------------------------------------------------------
-- Public views

CREATE VIEW run_report AS
SELECT
  r.id AS run_id,
  r.plan_id,
  p.name AS plan_name,
  p.file AS plan_file,
  p.sha256 AS plan_sha256,
  r.kind,
  r.rolls_back,
  r.state,
  r.stop_reason,
  r.total,
  r.succeeded,
  r.unchanged,
  r.failed,
  r.blocked,
  r.conflicted,
  r.abandoned,
  r.total - r.succeeded - r.unchanged - r.failed - r.blocked - r.conflicted - r.abandoned AS unfinished,
  r.gets,
  r.puts,
  r.retries,
  strftime('%Y-%m-%dT%H:%M:%fZ', r.started_at / 1000.0, 'unixepoch') AS started_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', r.finished_at / 1000.0, 'unixepoch') AS finished_at,
  r.elapsed_ms / 1000.0 AS elapsed_seconds,
  r.operator,
  r.host,
  r.tool_version,
  r.endpoints,
  r.options,
  r.reason
FROM run r JOIN plan p ON p.id = r.plan_id
WHERE r.state <> 'preparing';

-- What a run has to do, whatever its kind: one row a change, with the id that run_change uses.
CREATE VIEW run_task AS
SELECT
  r.id AS run_id,
  c.id & 4294967295 AS change,
  r.id << 32 | (c.id & 4294967295) AS id,
  c.line,
  c.project,
  c.scaling_group_id,
  c.planned,
  c.comment
FROM run r JOIN change c ON c.id > r.plan_id << 32 AND c.id < (r.plan_id + 1) << 32
WHERE r.kind = 'apply'
UNION ALL
SELECT
  r.id AS run_id,
  t.id & 4294967295 AS change,
  t.id,
  c.line,
  c.project,
  c.scaling_group_id,
  t.planned,
  c.comment
FROM run r
JOIN restore_change t ON t.id > r.id << 32 AND t.id < (r.id + 1) << 32
JOIN change c ON c.id = r.plan_id << 32 | (t.id & 4294967295)
WHERE r.kind = 'rollback' AND r.state <> 'preparing';

CREATE VIEW change_report AS
SELECT
  t.run_id,
  t.change,
  t.line,
  p.project_id,
  t.scaling_group_id,
  s.scaling_group_name,
  CASE
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

CREATE VIEW attempt_report AS
SELECT
  r.id AS run_id,
  a.run_change & 4294967295 AS change,
  c.line,
  p.project_id,
  c.scaling_group_id,
  a.attempt,
  a.method,
  strftime('%Y-%m-%dT%H:%M:%fZ', a.sent_at / 1000.0, 'unixepoch') AS sent_at,
  a.duration_ms,
  a.http_status,
  a.error_code,
  a.error_message,
  a.request_id,
  a.outcome
FROM run r
JOIN attempt a ON a.run_change > r.id << 32 AND a.run_change < (r.id + 1) << 32
JOIN change c ON c.id = r.plan_id << 32 | (a.run_change & 4294967295)
JOIN project p ON p.id = c.project
UNION ALL
-- The PUT that is on the way, or was when the process died.
SELECT
  r.id,
  s.id & 4294967295,
  c.line,
  p.project_id,
  c.scaling_group_id,
  s.attempts,
  'PUT',
  strftime('%Y-%m-%dT%H:%M:%fZ', s.sent_at / 1000.0, 'unixepoch'),
  NULL,
  NULL,
  NULL,
  NULL,
  NULL,
  'in_flight'
FROM run r
JOIN run_change s ON s.id > r.id << 32 AND s.id < (r.id + 1) << 32 AND s.state = 'sending'
JOIN change c ON c.id = r.plan_id << 32 | (s.id & 4294967295)
JOIN project p ON p.id = c.project;

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
JOIN prior_record k ON k.run_change = s.id AND k.attempt = s.record_attempt
JOIN change c ON c.id = r.plan_id << 32 | (s.id & 4294967295)
JOIN project p ON p.id = c.project
JOIN json_each(k.planned) f;
