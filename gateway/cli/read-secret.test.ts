import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { readSecret } from "./read-secret.ts";
import type { Terminal } from "./terminal.ts";

interface Typed {
  readonly secret: Promise<string>;
  /** All that the person saw. */
  shown(): Promise<string>;
}

function type(keys: string, isTTY: boolean): Typed {
  const modes: boolean[] = [];
  const setRawMode = (mode: boolean): number => modes.push(mode);
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode });
  const stderr = new PassThrough();
  stdin.end(keys);
  const secret = readSecret({ stdin, stderr } as unknown as Terminal);
  const shown = async (): Promise<string> => {
    stderr.end();
    return `${await text(stderr)}${modes.join()}`;
  };
  return { secret, shown };
}

test("what is typed at the prompt is read, mended, and not shown", async (t) => {
  const { secret, shown } = type("canary-12X\u007f34\r", true);
  t.equal(await secret, "canary-1234");
  t.equal(await shown(), "Secret (not shown): \ntrue,false", "and the terminal is as before");
});

test("a prompt that is broken off gives nothing", async (t) => {
  for (const keys of ["\u0003", "canary\u0003", "\u0004", ""]) {
    await t.rejects(type(keys, true).secret, { code: 2, message: /no secret was given/ });
  }
});

test("standard input is read to its end, without the last line end alone", async (t) => {
  t.equal(await type("canary-1234\n", false).secret, "canary-1234");
  t.equal(await type("canary-1234\r\n", false).secret, "canary-1234");
  t.equal(await type("canary-1234", false).secret, "canary-1234");
  const most = "x".repeat(limits.secretChars);
  t.equal(await type(`${most}\n`, false).secret, most);
  for (const wrong of ["canary-1234\n\n", " canary-1234", "short", "", `${most}x`]) {
    await t.rejects(type(wrong, false).secret, { code: 2 });
  }
});
