import type { GuestStart } from "../protocol/protocol.ts";
import type { World } from "./world.ts";

/**
 * The bootstrap of an isolate. It is sent as text and evaluated before any code of a tool, so it
 * may use nothing from outside of it, and keeps every built-in that it needs in a variable: a tool
 * may change all of them. Returns the one door into the isolate.
 *
 * INVARIANT: `enter` throws a string, always, and no value or error of the tool leaves by another
 * way: what `isolated-vm` does with those runs getters of the tool without any time limit. It throws
 * because after an entry that returns, the library takes the first error of a promise that nobody
 * handled and hands that on in the same way; after one that throws, it does not look.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one closure, because it is sent as text.
export function guest({ setClock, seed }: World): (...words: string[]) => never {
  const { stringify, parse } = JSON;
  const { defineProperty } = Object;
  const PromiseClass = Promise;
  const ErrorClass = Error;
  // biome-ignore lint/security/noGlobalEval: this is the isolate of the tool; its code has to run.
  const evaluate = globalThis.eval;
  const { call } = Function.prototype;
  const bind = call.bind.bind(call as never) as unknown as Uncurry;
  const then = bind(PromiseClass.prototype.then) as (
    self: Promise<unknown>,
    done: (value: unknown) => void,
    failed: (error: unknown) => void,
  ) => void;
  const slice = bind(String.prototype.slice);
  const wellFormed = bind(String.prototype.toWellFormed);

  const open: Record<number, Waiting> = { __proto__: null } as never;
  let openCount = 0;
  let asked = 0;
  let requests = "";
  let log = "";
  /** What the call ended with; the first end stays. */
  let end = "";
  let told: GuestStart;

  type Uncurry = <This, Args extends unknown[], Result>(
    method: (this: This, ...args: Args) => Result,
  ) => (self: This, ...args: Args) => Result;

  interface Waiting {
    resolve(value: unknown): void;
    reject(error: unknown): void;
  }

  disarm();
  return enter;

  function enter(...words: string[]): never {
    throw turn(words);
  }

  function turn(words: string[]): string {
    try {
      if (words[0] === "run") start(words);
      if (words[0] === "answers") answer(words[1] as string, words[2] as string);
      return say(words[0] === "look");
    } catch {
      return '["crash"]';
    }
  }

  /** `last` is true when every promise job has run: whoever still waits then, waits for an answer. */
  function say(last: boolean): string {
    if (end !== "") return `[${end},${stringify(log)}]`;
    if (!last) return "";
    if (openCount === 0) return `["stuck",${stringify(log)}]`;
    const said = `["requests",[${requests}],${stringify(log)}]`;
    requests = "";
    log = "";
    return said;
  }

  function start(words: string[]): void {
    told = parse(words[3] as string) as GuestStart;
    setClock(told.now);
    seed(told.seed);
    try {
      evaluate(words[1] as string);
      const { tool } = globalThis as unknown as { tool: Tool };
      settle(tool.run(parse(words[2] as string), host()));
    } catch (error) {
      fail(error);
    }
  }

  interface Tool {
    run(args: unknown, host: unknown): unknown;
  }

  function settle(value: unknown): void {
    if (isThenable(value)) {
      const promise = new PromiseClass((resolve) => resolve(value));
      // The species of a promise is the tool's to change, unless it has a constructor of its own.
      void defineProperty(promise, "constructor", { __proto__: null, value: undefined } as never);
      then(promise, finish, fail);
    } else {
      finish(value);
    }
  }

  function isThenable(value: unknown): boolean {
    if (typeof value !== "function" && (typeof value !== "object" || value === null)) return false;
    return typeof (value as { then?: unknown }).then === "function";
  }

  function finish(value: unknown): void {
    try {
      const json = jsonOf(value);
      setEnd(json.length > told.outputChars ? '"output-limit"' : `"output",${stringify(json)}`);
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    const name = read(error, "name", 60);
    const message = typeof error === "string" ? slice(error, 0, 500) : read(error, "message", 500);
    const text = name !== "" && message !== "" ? `${name}: ${message}` : name + message;
    setEnd(
      `"error",${stringify(wellFormed(text))},${stringify(wellFormed(read(error, "code", 60)))}`,
    );
  }

  function setEnd(text: string): void {
    if (end === "") end = text;
  }

  function read(error: unknown, key: "name" | "message" | "code", chars: number): string {
    try {
      if (typeof error !== "object" || error === null) return "";
      const value = (error as Record<string, unknown>)[key];
      return typeof value === "string" ? slice(value, 0, chars) : "";
    } catch {
      return "";
    }
  }

  function host(): object {
    return {
      files: {
        read: (path: unknown) => ask("files.read", bare({ path })),
        write: (path: unknown, text: unknown) => ask("files.write", bare({ path, text })),
        list: (path: unknown) => ask("files.list", bare({ path })),
      },
      fetch: (request: unknown) => ask("fetch", request),
      secret: (name: unknown) => ask("secret", bare({ name })),
      log: (text: unknown) => {
        if (typeof text === "string" && log.length < told.logChars) {
          log = slice(wellFormed(`${log}${slice(text, 0, told.logChars)}\n`), 0, told.logChars);
        }
      },
    };
  }

  /** Without a prototype, on which a tool could hang a `toJSON`. */
  function bare(args: object): object {
    return { __proto__: null, ...args };
  }

  function ask(name: string, args: unknown): Promise<unknown> {
    const promise = new PromiseClass((resolve, reject) => {
      const json = jsonOf(args);
      if (asked >= told.hostCalls) {
        setEnd('"host-calls"');
        throw refused("HOSTCALL_LIMIT", "the tool asked its host too often");
      }
      if (requests.length + json.length > told.requestChars) {
        throw refused("REQUEST_INVALID", "the request is too large");
      }
      request(name, json, { resolve, reject });
    });
    return promise;
  }

  function request(name: string, json: string, { resolve, reject }: Waiting): void {
    const id = asked;
    asked += 1;
    openCount += 1;
    const value = { __proto__: null, resolve, reject };
    defineProperty(open, id, { __proto__: null, configurable: true, value } as never);
    requests += `${requests === "" ? "" : ","}[${id},${stringify(name)},${stringify(json)}]`;
  }

  function jsonOf(value: unknown): string {
    const text = stringify(value) as string | undefined;
    return typeof text === "string" ? text : "null";
  }

  function answer(text: string, now: string): void {
    setClock(parse(now) as number);
    const answers = parse(text) as [number, boolean, unknown, string][];
    for (let at = 0; at < answers.length; at += 1) {
      const one = answers[at] as [number, boolean, unknown, string];
      const id = one[0];
      const waiting = open[id] as Waiting;
      delete open[id];
      openCount -= 1;
      if (one[1]) waiting.resolve(one[2]);
      else waiting.reject(refused(one[2] as string, one[3]));
    }
  }

  function refused(code: string, message: string): Error {
    const error = new ErrorClass(message);
    const property = { __proto__: null, value: code, enumerable: true, configurable: true };
    defineProperty(error, "code", property as never);
    return error;
  }

  /** What no tool needs. The walls do not rest on this: a flag, a limit or the parent holds each. */
  function disarm(): void {
    const world = globalThis as unknown as Record<string, unknown>;
    delete world["WebAssembly"];
    delete world["SharedArrayBuffer"];
    delete world["Atomics"];
    delete world["WeakRef"];
    delete world["FinalizationRegistry"];
    delete world["console"];
    const buffer = ArrayBuffer.prototype as unknown as Record<string, unknown>;
    delete buffer["resize"];
    delete buffer["transfer"];
    delete buffer["transferToFixedLength"];
  }
}
