import { createHmac } from "node:crypto";
import type { TokenStore } from "./tokens.ts";

/** Sixty-four bits: who guesses has as many tries as the session has calls. */
const idChars = 16;

export function openTokenNames(payloadKey: Buffer): TokenStore["name"] {
  const key = createHmac("sha256", payloadKey).update("ringward/v1/tokens").digest();
  return (session, kind, value) => {
    const name = createHmac("sha256", key).update(JSON.stringify([session, kind, value]));
    return name.digest("hex").slice(0, idChars);
  };
}
