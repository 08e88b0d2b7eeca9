import type { Stats } from "node:fs";
import { access, constants, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Check, fail, ok, type Patient, warn } from "./check.ts";

/** Modes and owners of what the gateway keeps, and of what says what agents may do. */
export async function checkFiles(patient: Patient): Promise<readonly Check[]> {
  return [...(await checkState(patient)), ...(await checkControls(patient))];
}

async function checkState({ config, terminal }: Patient): Promise<readonly Check[]> {
  const folder = await stat(config.state).catch(() => undefined);
  if (folder === undefined) {
    return [ok("state folder", `${config.state} is made at the first start`)];
  }
  return [
    checkPrivate(config.state, folder),
    checkOwner(config.state, folder, terminal.user.uid),
    await checkKeys(config.state),
  ];
}

function checkPrivate(path: string, { mode }: Stats): Check {
  const name = "state folder";
  if ((mode & 0o077) === 0) return ok(name, `${path} is its owner's alone`);
  return fail(name, `${path} has mode ${octal(mode)}: others can read it`, `chmod 700 ${path}`);
}

function checkOwner(path: string, { uid }: Stats, own: number): Check {
  if (uid === own) return ok("state owner", `${path} belongs to the user that runs this`);
  return fail(
    "state owner",
    `${path} belongs to uid ${uid}`,
    "run Ringward as the owner of its state",
  );
}

/** A copy of the folder, or a looser mode of it, must not give the keys away. */
async function checkKeys(state: string): Promise<Check> {
  const names = await readdir(state, { recursive: true });
  const keys = names
    .filter((name) => /\.key(?:\.next)?$/.test(name))
    .map((name) => join(state, name));
  for (const path of keys) {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      const found = `${path} has mode ${octal(mode)}: others can read it`;
      return fail("key files", found, `chmod 600 ${path}, and make a new key`);
    }
  }
  return ok("key files", `${keys.length}, none readable by others`);
}

function octal(mode: number): string {
  return `0${(mode & 0o777).toString(8)}`;
}

/** The deployment file, policies and manifests: others may not write them, nor should the gateway. */
async function checkControls({ deployment, config }: Patient): Promise<readonly Check[]> {
  const { file } = deployment;
  const { authorities, manifests, policies = [], jwt } = config;
  const keySet = jwt === undefined || /^https?:/.test(jwt.jwks) ? [] : [jwt.jwks];
  const own = [...(file === undefined ? [] : [file]), ...authorities, ...keySet];
  const paths = [...own, ...(await withContents([...policies, ...manifests]))];
  const loose = await filter(paths, isLoose);
  const writable = await filter(paths, isWritable);
  return [checkLoose(loose), checkWritable(writable)];
}

/** A folder that is closed closes nothing that was opened in it. */
async function withContents(folders: readonly string[]): Promise<readonly string[]> {
  const contents = folders.map(async (folder) => {
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    return [folder, ...names.map((name) => join(folder, name))];
  });
  return (await Promise.all(contents)).flat();
}

/** More of them would say nothing more. */
function listOf(paths: readonly string[]): string {
  const [shown, more] = [paths.slice(0, 5), paths.length - 5];
  return more > 0 ? `${shown.join(" ")} and ${more} more` : shown.join(" ");
}

function checkLoose(paths: readonly string[]): Check {
  if (paths.length === 0) return ok("controls", "nobody but their owner can change them");
  const mend = paths.length > 5 ? "chmod -R go-w what says what agents may do" : "";
  const list = listOf(paths);
  return fail("controls", `others can change ${list}`, mend || `chmod go-w ${list}`);
}

function checkWritable(paths: readonly string[]): Check {
  const name = "controls' owner";
  if (paths.length === 0) return ok(name, "the gateway's user can only read them");
  const mend = "give them to another user, and let the gateway's user only read";
  return warn(name, `the gateway's own user can change ${listOf(paths)}`, mend);
}

/** What a link that leads nowhere says is nothing. */
async function isLoose(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && (found.mode & 0o022) !== 0;
}

async function isWritable(path: string): Promise<boolean> {
  return await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function filter(
  paths: readonly string[],
  isWanted: (path: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const wanted = await Promise.all(paths.map(isWanted));
  return paths.filter((_, index) => wanted[index]);
}
