import type { Mutation } from "./mutations.ts";

const [html, links, terminal, benign, code, bytes, gateway] = (
  ["html", "links", "terminal", "benign", "code", "bytes", "gateway"] as const
).map((name) => `tests/security/output-${name}.test.ts`) as [
  ...[string, string, string, string, string, string, string],
];
const at = (name: string): string => `guardrails/output/${name}.ts`;

export const outputMutations: readonly Mutation[] = [
  {
    takesOut: "what a viewer acts on is changed in results",
    ...{ file: "gateway/guard.ts", from: 'names.includes("active") ?', to: "names.length === 0 ?" },
    test: gateway,
  },
  {
    takesOut: "what was redacted is looked at again",
    ...{ file: at("defuse-json"), from: "value === raw && ", to: "", test: gateway },
  },
  {
    takesOut: "detectors read a text without escapes of a terminal",
    file: "guardrails/normalise.ts",
    ...{ from: 'disguiseKinds[index] === "control"', to: "index < 0", test: gateway },
  },
  {
    takesOut: "whole escapes of eight bits are left out",
    ...{ file: at("terminal"), from: "(?:\\x1b\\[|\\x9b)[0-?]*", to: "(?:\\x1b\\[)[0-?]*" },
    test: terminal,
  },
  {
    takesOut: "strings of a terminal hold nothing that controls",
    ...{
      file: at("terminal"),
      from: "[^\\x00-\\x1f\\x7f-\\x9f]*(?:",
      to: "[^]*?(?:",
      test: terminal,
    },
  },
  {
    takesOut: "lines are not overwritten",
    ...{ file: at("terminal"), from: "\\\\r+(?!\\\\n)", to: "\\\\r+(?!.)", test: terminal },
  },
  {
    takesOut: "overrides are opened by nobody",
    file: at("bidi"),
    from: '  ["\\u202b", "\\u202c"],',
    to: '  ["\\u202b", "\\u202c"],\n  ["\\u202e", "\\u202c"],',
    test: terminal,
  },
  {
    takesOut: "what is opened in a line ends in it",
    ...{ file: at("bidi"), from: ") && ends.length === 0", to: ")", test: terminal },
  },
  {
    takesOut: "attributes are read with their entities",
    ...{ file: at("kind-of-tag"), from: "value: decodeHTMLAttribute(value)", to: "value" },
    test: html,
  },
  {
    takesOut: "handlers of events run",
    ...{ file: at("kind-of-tag"), from: "/^on[a-z]{3,}$/", to: "/^on[A-Z]{3,}$/", test: html },
  },
  {
    takesOut: "style sheets are read without their escapes",
    ...{
      file: at("kind-of-tag"),
      from: "const plain = unescaped(style);",
      to: "const plain = style;",
    },
    test: html,
  },
  {
    takesOut: "a style in a picture is read with its entities",
    ...{ file: at("html"), from: 'style.includes("&")', to: "style.length < 0", test: html },
  },
  {
    takesOut: "a value ends with its quote alone",
    ...{
      file: at("tags"),
      from: "if (quote !== '\"' && quote !== \"'\") {",
      to: "if (quote !== '\"') {",
    },
    test: html,
  },
  {
    takesOut: "browsers leave tabs and line ends out of an address",
    ...{
      file: at("urls"),
      from: 'url.replace(/[\\t\\n\\r]/g, "").replace',
      to: "url.replace",
      test: html,
    },
  },
  {
    takesOut: "destinations are read without their escapes",
    ...{ file: at("urls"), from: '.replace(/\\\\([!-/:-@[-`{-~])/g, "$1")', to: "", test: links },
  },
  {
    takesOut: "what is made harmless makes no tag",
    ...{
      file: at("urls"),
      from: '? "unsafe:" : "#unsafe:"',
      to: '? "unsafe:" : "unsafe:"',
      test: links,
    },
  },
  {
    takesOut: "pictures by reference are pictures",
    ...{
      file: at("destinations"),
      from: "this.#pictured.has(label) ?",
      to: "label === at.toString() ?",
    },
    test: links,
  },
  {
    takesOut: "in doubt an address is a picture's",
    ...{
      file: at("destinations"),
      from: "this.#images > 0 ?",
      to: "this.#images > 9 ?",
      test: links,
    },
  },
  {
    takesOut: "encoded text in an address is found",
    file: at("carries-data"),
    ...{
      from: "parts.words.some((word) => isEncodedText(word))",
      to: "parts.hasUser",
      test: links,
    },
  },
  {
    takesOut: "places to fill in are found",
    ...{
      file: at("carries-data"),
      from: "hasSlot(url, use) ||",
      to: "url === use ||",
      test: links,
    },
  },
  {
    takesOut: "pictures carry no words",
    ...{
      file: at("carries-data"),
      from: "if (plainValue.test(value)) return",
      to: "if (value) return",
    },
    test: links,
  },
  {
    takesOut: "what is cut off an address may carry anything",
    ...{ file: at("links"), from: "isCut ? isRemote(url)", to: "isCut ? url === use", test: links },
  },
  {
    takesOut: "what is behind each bracket is read so often and no more",
    ...{ file: at("work"), from: "return this.#chars > 0;", to: "return this.#chars < Infinity;" },
    test: links,
  },
  {
    takesOut: "a line of JSON is fit for a terminal",
    file: "gateway/cli/escape.ts",
    ...{ from: "JSON.stringify(value).replace(unsafe,", to: "JSON.stringify(value).replace(/\0/," },
    test: "gateway/cli/escape.test.ts",
  },
  {
    takesOut: "code stays",
    ...{ file: at("defuse"), from: "const code = codeIn(text);", to: 'const code = codeIn("");' },
    test: benign,
  },
  {
    takesOut: "nothing after what may hold a fence is code",
    ...{ file: at("markdown-code"), from: "holding.test(rest) ||", to: "", test: code },
  },
  {
    takesOut: "a fence in a tag or a definition is none",
    ...{ file: at("markdown-code"), from: "this.#isStopped = this.#goesOn;", to: "" },
    test: html,
  },
  {
    takesOut: "spans that do not end in their line put the next ones in doubt",
    ...{ file: at("markdown-code"), from: "= isWhole && !isFence;", to: "= true;", test: html },
  },
  {
    takesOut: "a page of HTML shows no code",
    ...{ file: at("markdown-code"), from: " || page.test(text)", to: "", test: html },
  },
  {
    takesOut: "documents with macros are programs",
    file: at("media-type"),
    ...{ from: 'bytes.includes("vbaProject.bin")', to: "bytes.length === 0", test: bytes },
  },
  {
    takesOut: "a page is no picture",
    ...{ file: at("media-type"), from: "return !types.includes(declared)", to: "return false" },
    test: bytes,
  },
  {
    takesOut: "bytes are what a schema says they are",
    file: "gateway/tools/check-media-type.ts",
    ...{ from: "&& !contradicts(mediaType, bytes)", to: "&& mediaType.length > 0" },
    test: "gateway/tools/check-media-type.test.ts",
  },
];
