import { userInfo } from "node:os";
import type { Invocation } from "./cli/invocation.ts";
import { runCli } from "./cli/run-cli.ts";

/** The one reader of the environment and of the process: everything else is told. */
function invocation(): Invocation {
  const { username, homedir, uid } = whoRuns();
  const stateHome = process.env["XDG_STATE_HOME"];
  return {
    argv: process.argv.slice(2),
    env: {
      ...(stateHome !== undefined && stateHome !== "" && { stateHome }),
      variable: (name) => process.env[name],
    },
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    home: process.env["HOME"] ?? homedir,
    isTerminal: process.stdout.isTTY === true,
    user: { name: username, uid },
    node: process.execPath,
    nodeVersion: process.versions.node,
    stopped,
  };
}

/** The handlers stay: a signal that comes twice does not cut off the tidying that the first began. */
function stopped(): Promise<void> {
  return new Promise((resolve) => {
    process.on("SIGINT", resolve);
    process.on("SIGTERM", resolve);
  });
}

/** A user id without an entry in the system's list has no name. */
function whoRuns(): { username: string; homedir: string; uid: number } {
  try {
    return userInfo();
  } catch {
    const uid = process.getuid?.() ?? -1;
    return { username: `uid-${uid}`, homedir: "/", uid };
  }
}

/** A reader that has seen enough (`ringward … | head`) is no reason to leave work half done. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

function die(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const stack =
    process.argv.includes("--debug") && error instanceof Error ? `\n${error.stack}` : "";
  process.stderr.write(
    `ringward: ${message.split("\n")[0]} (this is a bug of Ringward: run it again with \`--debug\` and report what it prints)${stack}\n`,
  );
  process.exit(70);
}

process.stdout.on("error", ignoreClosedPipe);
process.stderr.on("error", ignoreClosedPipe);
process.on("uncaughtException", die);
process.on("unhandledRejection", die);
process.exitCode = await runCli(invocation());
