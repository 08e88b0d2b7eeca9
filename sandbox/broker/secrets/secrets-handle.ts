import { z } from "zod";
import type { JsonValue } from "../../../manifests/json.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { secretName } from "../../../manifests/secret.ts";
import type { DoorContext } from "../door-context.ts";

const secretArgs = z.strictObject({ name: secretName });

/**
 * The handle of a secret, for the guest.
 *
 * @throws {Refusal} `SECRET_DENIED`.
 */
export function requestSecret(args: JsonValue, { secrets, book }: DoorContext): string {
  const { data } = secretArgs.safeParse(args);
  const line = { door: "secrets", action: "handle", target: data?.name ?? "", bytes: 0 } as const;
  try {
    if (data === undefined) throw new Refusal("SECRET_DENIED", "a secret is asked for by its name");
    const handle = secrets.handle(data.name);
    book(line);
    return handle;
  } catch (error) {
    book({ ...line, code: error instanceof Refusal ? error.code : "INTERNAL" });
    throw error;
  }
}
