import { randomBytes, timingSafeEqual } from "node:crypto";

/** What a program has to say with each of its requests, in the form that HTTP clients know. */
export class Credential {
  /** 256 bits in characters that need no escape in a URL. */
  readonly text: string = randomBytes(32).toString("base64url");
  readonly #header: Buffer = Buffer.from(
    `Basic ${Buffer.from(`call:${this.text}`).toString("base64")}`,
  );

  /** In a time that tells nothing of where they differ. */
  isSaidBy(header: string | undefined): boolean {
    const said = Buffer.from(header ?? "");
    return said.length === this.#header.length && timingSafeEqual(said, this.#header);
  }
}
