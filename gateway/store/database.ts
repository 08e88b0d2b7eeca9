import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { applicationId, schema, schemaVersion, upgrades } from "./schema.ts";
import { writePayloadKey } from "./sealing.ts";

/** How long one process waits for another's commit. */
const busyMs = 10_000;

function storeFile(folder: string): string {
  return join(folder, "store.sqlite");
}

/**
 * Opens the store's file for writing; makes its tables where the file is new, and those that are
 * missing where an older Ringward wrote it.
 *
 * @throws {Error} one line, where the file is no store of ours or a newer one.
 */
export function openDatabase(folder: string): Database.Database {
  // SQLite gives its other files the mode of this one.
  closeSync(openSync(storeFile(folder), "a", 0o600));
  const db = new Database(storeFile(folder), { timeout: busyMs });
  try {
    prepareDatabase(db, folder);
    return db;
  } catch (error) {
    db.close();
    throw explained(error, storeFile(folder));
  }
}

/**
 * Opens the store's file for reading; also while a gateway writes to it.
 *
 * @throws {Error} one line, where there is no store or it is not one of ours.
 */
export function openDatabaseReadonly(folder: string): Database.Database {
  const file = storeFile(folder);
  if (!existsSync(file)) throw new Error(`${file}: there is no store (name its folder)`);
  const db = new Database(file, { readonly: true, timeout: busyMs });
  try {
    db.pragma("trusted_schema = OFF");
    requireCurrent(versionOf(db, file), file);
    return db;
  } catch (error) {
    db.close();
    throw explained(error, file);
  }
}

function prepareDatabase(db: Database.Database, folder: string): void {
  const file = storeFile(folder);
  if (!isNew(db)) requireKnown(versionOf(db, file), file);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  // Erased payloads are overwritten, not only unlinked from their page.
  db.pragma("secure_delete = ON");
  db.pragma("temp_store = MEMORY");
  db.pragma("trusted_schema = OFF");
  db.pragma("wal_autocheckpoint = 4000");
  db.transaction(() => {
    if (isNew(db)) create(db, folder);
    else upgrade(db, file);
  }).immediate();
}

function create(db: Database.Database, folder: string): void {
  writePayloadKey(folder);
  db.exec(schema);
  db.pragma(`application_id = ${applicationId}`);
  db.pragma(`user_version = ${schemaVersion}`);
}

/** Nothing that a store holds is changed by it, only added to. */
function upgrade(db: Database.Database, file: string): void {
  const found = versionOf(db, file);
  requireKnown(found, file);
  for (let version = found; version < schemaVersion; version += 1) db.exec(upgrades[version] ?? "");
  db.pragma(`user_version = ${schemaVersion}`);
}

/** A file without tables and without a mark: nobody's yet. */
function isNew(db: Database.Database): boolean {
  const tables = db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get();
  return tables === 0 && db.pragma("application_id", { simple: true }) === 0;
}

function versionOf(db: Database.Database, file: string): number {
  if (db.pragma("application_id", { simple: true }) !== applicationId) {
    throw new Error(`${file}: not a store of Ringward (choose another state folder)`);
  }
  return Number(db.pragma("user_version", { simple: true }));
}

function requireKnown(version: number, file: string): void {
  if (version === schemaVersion || version in upgrades) return;
  throw new Error(
    `${file}: a store of version ${version}, this Ringward reads ${schemaVersion} (use the Ringward that wrote it)`,
  );
}

/** A reader changes nothing. */
function requireCurrent(version: number, file: string): void {
  requireKnown(version, file);
  if (version === schemaVersion) return;
  throw new Error(`${file}: a store of version ${version} (start the gateway on it once)`);
}

function explained(error: unknown, file: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (error.code === "SQLITE_NOTADB") {
    return new Error(`${file}: not a store of Ringward (choose another state folder)`, {
      cause: error,
    });
  }
  return new Error(`${file}: ${error.message} (check its owner, its mode and the disk)`, {
    cause: error,
  });
}
