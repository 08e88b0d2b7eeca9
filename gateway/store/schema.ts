/** `RWRD`: tells a store from any other SQLite file. */
export const applicationId = 0x52_57_52_44;

/** Raised with each change of `schema`; a newer file is refused, never guessed at. */
export const schemaVersion = 6;

const fileTables = `
CREATE TABLE files (
  path TEXT NOT NULL,
  content TEXT NOT NULL,
  folder TEXT NOT NULL,
  integrity INTEGER NOT NULL,
  confidentiality INTEGER NOT NULL,
  PRIMARY KEY (path, content)
) STRICT, WITHOUT ROWID;
CREATE INDEX files_path ON files (path, confidentiality);
CREATE INDEX files_folder ON files (folder, confidentiality);
`;

/** What calls ever wrote at a path and beneath it, joined: one row, however much it is. */
const treeTables = `
CREATE TABLE trees (
  path TEXT PRIMARY KEY,
  integrity INTEGER NOT NULL,
  confidentiality INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** Outputs that nobody has been handed yet, by the reference or the approval that stands for each. */
const withheldTables = `
CREATE TABLE withheld (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  call TEXT NOT NULL UNIQUE,
  session TEXT NOT NULL,
  principal TEXT NOT NULL,
  tool TEXT NOT NULL,
  integrity INTEGER NOT NULL,
  confidentiality INTEGER NOT NULL,
  because TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  held_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  status TEXT NOT NULL,
  answered_by TEXT,
  output INTEGER NOT NULL,
  source INTEGER NOT NULL,
  fields TEXT,
  released INTEGER NOT NULL,
  denied INTEGER NOT NULL
) STRICT;
CREATE INDEX withheld_session ON withheld (session);
`;

/** What was redacted for one session: where the text stands, by the token that it was handed out as. */
const tokenTables = `
CREATE TABLE tokens (
  session TEXT NOT NULL,
  id TEXT NOT NULL,
  integrity INTEGER NOT NULL,
  payload INTEGER NOT NULL,
  PRIMARY KEY (session, id)
) STRICT, WITHOUT ROWID;
`;

/** Ranks of the labels that records of written files hold. */
export const recordedRanks = `max(text ->> '$.content.label.integrity' <> 'trusted'),
  max(CASE text ->> '$.content.label.confidentiality'
    WHEN 'public' THEN 0 WHEN 'internal' THEN 1 ELSE 2 END)`;

/** Of the files that were written before there were trees nobody knows where they lie: anywhere. */
export const treeOfAll: string = `SELECT '', ${recordedRanks} FROM records
  WHERE kind = 'file.write' AND coalesce(json_array_length(text, '$.content.trees'), 0) = 0
  HAVING count(*) > 0`;

/** What makes a store of the version after out of one of the version that is named. */
export const upgrades: Readonly<Record<number, string>> = {
  1: fileTables,
  2: `${treeTables} INSERT INTO trees ${treeOfAll};`,
  3: "ALTER TABLE log ADD COLUMN fields TEXT;",
  4: withheldTables,
  5: tokenTables,
};

/**
 * The tables. `records.text` is the record; its other columns are copies to look it up by, and
 * `verifyRecord` holds them to the text. Texts from callers stand in `payloads` only, encrypted.
 * A column that came later stands as SQLite writes it when it is added to a store that is there.
 * Labels are stored as ranks, so that the highest one is found through an index. An index over all
 * records by session would touch a page for each session that is at work: a third of all writes. So
 * records of calls are found through their calls.
 */
export const schema: string = `
CREATE TABLE writers (
  name TEXT PRIMARY KEY,
  chain TEXT NOT NULL UNIQUE,
  segment INTEGER NOT NULL,
  pid INTEGER
) STRICT;

CREATE TABLE records (
  id INTEGER PRIMARY KEY,
  chain TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  hash TEXT NOT NULL,
  kind TEXT NOT NULL,
  call TEXT,
  session TEXT,
  code TEXT,
  text TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX records_sequence ON records (chain, sequence);
CREATE INDEX records_call ON records (call, kind) WHERE call IS NOT NULL;
CREATE INDEX records_session ON records (session) WHERE session IS NOT NULL AND call IS NULL;

CREATE TABLE payloads (
  id INTEGER PRIMARY KEY,
  record INTEGER NOT NULL,
  name TEXT NOT NULL,
  commitment TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX payloads_record ON payloads (record);
CREATE INDEX payloads_expiry ON payloads (expires_at);

CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  principal TEXT NOT NULL,
  session TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT;
CREATE INDEX keys_listed ON keys (created_at) WHERE session IS NULL;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  principal TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  integrity INTEGER NOT NULL,
  confidentiality INTEGER NOT NULL,
  turns INTEGER NOT NULL DEFAULT 0,
  log_length INTEGER NOT NULL DEFAULT 0,
  used_calls INTEGER NOT NULL DEFAULT 0,
  used_bytes INTEGER NOT NULL DEFAULT 0,
  used_seconds REAL NOT NULL DEFAULT 0,
  budget_calls INTEGER NOT NULL,
  budget_bytes INTEGER NOT NULL,
  budget_seconds REAL NOT NULL,
  task INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_integrity ON sessions (principal, integrity);
CREATE INDEX sessions_confidentiality ON sessions (principal, confidentiality);

CREATE TABLE log (
  session TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  kind TEXT NOT NULL,
  integrity INTEGER NOT NULL,
  confidentiality INTEGER NOT NULL,
  call TEXT,
  tool TEXT,
  payload INTEGER NOT NULL, fields TEXT,
  PRIMARY KEY (session, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE tool_use (
  session TEXT NOT NULL,
  tool TEXT NOT NULL,
  calls INTEGER NOT NULL,
  window_start INTEGER NOT NULL,
  window_calls INTEGER NOT NULL,
  PRIMARY KEY (session, tool)
) STRICT, WITHOUT ROWID;

CREATE TABLE calls (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  session TEXT NOT NULL,
  principal TEXT NOT NULL,
  tool TEXT NOT NULL,
  status TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  answer INTEGER,
  writer TEXT NOT NULL,
  grant_id TEXT UNIQUE,
  reserved_bytes INTEGER NOT NULL DEFAULT 0,
  reserved_seconds REAL NOT NULL DEFAULT 0,
  idempotency_key TEXT,
  idempotency_body TEXT
) STRICT;
CREATE UNIQUE INDEX calls_idempotency ON calls (session, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX calls_session ON calls (session);
CREATE INDEX calls_principal ON calls (principal);
CREATE INDEX calls_tool ON calls (tool);
CREATE INDEX calls_status ON calls (status);

CREATE TABLE approvals (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  call TEXT NOT NULL,
  session TEXT NOT NULL,
  principal TEXT NOT NULL,
  tool TEXT NOT NULL,
  facts TEXT NOT NULL,
  shown INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  status TEXT NOT NULL,
  answered_by TEXT
) STRICT;
CREATE INDEX approvals_facts ON approvals (session, facts);
CREATE INDEX approvals_status ON approvals (status);

CREATE TABLE freezes (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
${fileTables}
${treeTables}
${withheldTables}
${tokenTables}`;
