import type { Mutation } from "./mutations.ts";

const link = "sandbox/container/link";
const frames = `${link}/frame.test.ts`;
const words = `${link}/words.test.ts`;
const client = `${link}/connect-launcher.test.ts`;

export const linkMutations: readonly Mutation[] = [
  {
    takesOut: "a frame of the link has a largest size",
    file: `${link}/frame.ts`,
    from: "length > this.#bytesCeiling",
    to: "length > 4_294_967_296",
    test: frames,
  },
  {
    takesOut: "a frame of the link is never empty",
    file: `${link}/frame.ts`,
    from: "length === 0 || ",
    to: "",
    test: frames,
  },
  {
    takesOut: "a frame of the link has a kind that there is",
    file: `${link}/frame.ts`,
    from: "kind === undefined || ",
    to: "",
    test: frames,
  },
  {
    takesOut: "a frame of the link has zeros behind its kind",
    file: `${link}/frame.ts`,
    from: " || head.readUIntBE(1, 3) !== 0",
    to: "",
    test: frames,
  },
  {
    takesOut: "a request has its keys and no others",
    file: `${link}/words.ts`,
    from: 'z.strictObject({\n    word: z.literal("launch")',
    to: 'z.looseObject({\n    word: z.literal("launch")',
    test: words,
  },
  {
    takesOut: "limits in a request have their keys and no others",
    file: `${link}/words.ts`,
    from: "limits: z.strictObject(",
    to: "limits: z.looseObject(",
    test: words,
  },
  {
    takesOut: "a word of the gateway's is strict JSON",
    file: `${link}/words.ts`,
    from: "gatewayWord.parse(parseStrictJson(bytes))",
    to: "gatewayWord.parse(JSON.parse(String(bytes)))",
    test: words,
  },
  {
    takesOut: "a word of the launcher's has its time",
    file: `${link}/container-link.ts`,
    from: "    if (this.#phase !== phases[said.word]) throw unasked(said.word);\n",
    to: "",
    test: client,
  },
  {
    takesOut: "outputs belong to a container that runs",
    file: `${link}/container-link.ts`,
    from: 'this.#phase !== "runs" || ',
    to: "",
    test: client,
  },
  {
    takesOut: "what nobody listens to yet is not held without bound",
    file: `${link}/container-link.ts`,
    from: "    if (this.#heldBytes > containerLimits.linkHeldBytes) this.#connection.hold(true);\n",
    to: "",
    test: client,
  },
  {
    takesOut: "a launch that is cancelled closes its connection",
    file: `${link}/connect-launcher.ts`,
    from: "    link.destroy();\n    throw error;",
    to: "    throw error;",
    test: client,
  },
  {
    takesOut: "what is said wrongly ends the connection",
    file: `${link}/connection.ts`,
    from: "      } catch {\n        socket.destroy();",
    to: "      } catch {\n        socket.resume();",
    test: client,
  },
];
