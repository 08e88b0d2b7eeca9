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
  if (folder === undefined)
    return [ok("state folder", `${config.state} is made at the first start`)];
  const names = await readdir(config.state, { recursive: true }).catch(() => []);
  const paths = names.map((name) => join(config.state, name));
  return [
    checkPrivate("state folder", config.state, folder),
    checkOwner(config.state, folder, terminal.user.uid),
    await checkSecrets(paths),
  ];
}

function checkPrivate(name: string, path: string, { mode }: Stats): Check {
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

/** Keys, seals and the store itself. */
async function checkSecrets(paths: readonly string[]): Promise<Check> {
  for (const path of paths) {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      return fail(
        "state files",
        `${path} has mode ${octal(mode)}: others can read it`,
        `chmod go= ${path}`,
      );
    }
  }
  return ok("state files", `${paths.length}, none readable by others`);
}

function octal(mode: number): string {
  return `0${(mode & 0o777).toString(8)}`;
}

/** Policies, manifests and the deployment file: read-only to the gateway's own user. */
async function checkControls({ deployment, config }: Patient): Promise<readonly Check[]> {
  const { file } = deployment;
  const paths = [
    ...(file === undefined ? [] : [file]),
    ...(config.policies ?? []),
    ...config.manifests,
  ];
  if (paths.length === 0) return [ok("controls", "only what comes with Ringward")];
  return await Promise.all(paths.map(checkControl));
}

async function checkControl(path: string): Promise<Check> {
  const name = "controls";
  const { mode } = await stat(path);
  if ((mode & 0o022) !== 0) {
    return fail(
      name,
      `${path} has mode ${octal(mode)}: others can change it`,
      `chmod go-w ${path}`,
    );
  }
  const isWritable = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!isWritable) return ok(name, `${path} is read-only to the gateway's user`);
  return warn(
    name,
    `the gateway's own user can change ${path}`,
    `give it to another owner: chown -R root ${path}, and let the gateway's user only read`,
  );
}
