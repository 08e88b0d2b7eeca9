import { readSecretsFile, secretsPlace } from "../../secrets/secrets-file.ts";
import { type Check, fail, ok, type Patient, warn } from "./check.ts";

/** Whether what tools sign in with can be read, as far as that can be told without running a program. */
export function checkSecrets({ config, terminal }: Patient): readonly Check[] {
  const { variable } = terminal.env;
  const named = Object.entries(config.secrets.named);
  return [
    checkFile({ config, terminal }),
    ...named.flatMap(([secret, { from }]) => {
      if ("command" in from || variable(from.environment) !== undefined) return [];
      const found = `${secret}: the variable ${from.environment} is not set here`;
      return [warn("secrets", found, "set it where the gateway is started")];
    }),
  ];
}

function checkFile({ config, terminal }: Pick<Patient, "config" | "terminal">): Check {
  try {
    const stored = readSecretsFile(secretsPlace(config, terminal.env.variable));
    const elsewhere = Object.keys(config.secrets.named).length;
    return ok("secrets", `${stored.length} in the encrypted file, ${elsewhere} kept elsewhere`);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return fail("secrets", found, "tools that send one are refused with SECRET_UNAVAILABLE");
  }
}
