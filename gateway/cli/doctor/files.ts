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
  const own = file === undefined ? [] : [file];
  const paths = [...own, ...(config.policies ?? []), ...config.manifests];
  const loose = await filter(paths, async (path) => ((await stat(path)).mode & 0o022) !== 0);
  const writable = await filter(paths, isWritable);
  return [checkLoose(loose), checkWritable(writable)];
}

function checkLoose(paths: readonly string[]): Check {
  if (paths.length === 0) return ok("controls", "nobody but their owner can change them");
  const list = paths.join(" ");
  return fail("controls", `others can change ${list}`, `chmod go-w ${list}`);
}

function checkWritable(paths: readonly string[]): Check {
  const name = "controls' owner";
  if (paths.length === 0) return ok(name, "the gateway's user can only read them");
  const mend = "give them to another user, and let the gateway's user only read";
  return warn(name, `the gateway's own user can change ${paths.join(" ")}`, mend);
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
