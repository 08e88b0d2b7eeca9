import { chmod, copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { deploymentFiles } from "../deployment-files.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { packageRoot } from "../package-root.ts";
import type { Terminal } from "../terminal.ts";

export function addInit(program: Command, terminal: Terminal): void {
  program
    .command("init")
    .description("Make a deployment folder: configuration, a tool, policies and a case.")
    .argument("[dir]", "an empty or new folder", ".")
    .addHelpText("after", "\nExamples:\n  ringward init my-gateway")
    .action(async (dir: string) => {
      const folder = resolve(terminal.cwd, dir);
      await requireEmpty(folder);
      await makeDeployment(folder);
      terminal.print(...nextSteps(folder, terminal));
    });
}

async function requireEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length === 0) return;
  throw new CommandError(
    exitCodes.configuration,
    `${folder} is not empty (name a new folder: \`ringward init my-gateway\`)`,
  );
}

async function makeDeployment(folder: string): Promise<void> {
  for (const name of ["workspace", "state"]) await mkdir(join(folder, name), { mode: 0o700 });
  // The mode of `mkdir` passes through the umask, which may take from it but never add.
  await chmod(join(folder, "state"), 0o700);
  for (const [name, text] of Object.entries(deploymentFiles)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text, { flag: "wx" });
  }
  await copyPolicies(join(folder, "policies"));
}

async function copyPolicies(folder: string): Promise<void> {
  const shipped = join(packageRoot(), "policies");
  const names = (await readdir(shipped)).filter((name) => name.endsWith(".cedar"));
  await mkdir(folder);
  await Promise.all(names.map((name) => copyFile(join(shipped, name), join(folder, name))));
}

function nextSteps(folder: string, terminal: Terminal): readonly string[] {
  const path = relative(terminal.cwd, folder);
  return [
    `Made a deployment in ${folder}`,
    "",
    "Next:",
    ...(path === "" ? [] : [`  cd ${path.startsWith("..") ? folder : path}`]),
    "  ringward manifest check manifests",
    "  ringward policy test cases",
    `  ringward call text.count --args '{"text":"one two three"}'`,
    "  ringward keys new host --principal my-app",
    "  ringward start",
    "  ringward doctor",
  ];
}
