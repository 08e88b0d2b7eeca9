import { test } from "tap";
import { containerLimits } from "./container-limits.ts";
import { limits } from "./limits.ts";
import { type Manifest, parseManifest } from "./manifest.ts";
import { provenanceLimits } from "./provenance-limits.ts";
import { SourceError } from "./source-error.ts";
import { parseYamlSource } from "./yaml-source.ts";

const good = `apiVersion: ringward/v1
kind: Tool
name: mail.send
version: 1.0.0
description: Send an e-mail.
input:
  type: object
  additionalProperties: false
  properties:
    to: { type: string }
roles:
  to: destination
effects: [external]
output:
  schema: { type: object }
permissions:
  net: [{ host: api.mail.example, methods: [POST] }]
run:
  js: ./mail-send.ts
`;

function read(text: string): Manifest {
  return parseYamlSource({ file: "m.yaml", text }, parseManifest);
}

function refusal(text: string): string {
  try {
    read(text);
    return "accepted";
  } catch (error) {
    if (error instanceof SourceError) return error.message;
    throw error;
  }
}

test("what is left out gets the weakest that is safe", (t) => {
  t.match(read(good), {
    output: { integrity: "untrusted", confidentiality: "internal" },
    permissions: {
      net: [
        { scheme: "https", host: "api.mail.example", ports: [443], methods: ["POST"], path: "/" },
      ],
      fs: [],
    },
    sandbox: { tier: "isolate" },
    limits: { wallMs: limits.wallMs, cpuMs: limits.cpuMs, memoryMb: limits.memoryMb },
    budget: {},
  });
  t.end();
});

test("what is wrong is told with file, line, column and the mend", (t) => {
  for (const [from, to, says] of [
    [
      "kind: Tool",
      "kind: Tol",
      'm.yaml:2:1: `kind`: invalid input: expected "Tool" (use one of: Tool)',
    ],
    ["kind: Tool", "kind: Tool\nkidn: x", "m.yaml:3:1: unrecognized key"],
    ["version: 1.0.0", "version: 1.0", "m.yaml:4:1: `version`: invalid input: expected string"],
    ["version: 1.0.0", "", "m.yaml:1:1: `version`: "],
    ["name: mail.send", "name: Mail.Send", "m.yaml:3:1: `name`: a name is lower-case"],
    ["name: mail.send", "name: m\u0430il", "m.yaml:3:1: `name`: a name is lower-case ASCII"],
    ["to: destination", "to: destinaton", "m.yaml:12:3: `roles.to`: "],
    ["to: destination", "from: destination", "m.yaml:12:3: `roles.from`: `from` is no argument"],
    ["[external]", "[]", "m.yaml:13:1: `effects`: "],
    ["[external]", "[read]", "m.yaml:13:1: `effects`: a tool with `permissions.net`"],
    ["additionalProperties: false", "additionalProperties: true", "m.yaml:6:1: `input`: "],
    [
      "type: object\n  add",
      "type: array\n  add",
      "m.yaml:6:1: `input`: `input` needs `type: object`",
    ],
    [
      "api.mail.example",
      "'*.example'",
      "m.yaml:17:11: `permissions.net.0.host`: a host is lower case",
    ],
    ["./mail-send.ts", "../mail-send.ts", "m.yaml:19:3: `run.js`: a path beside the manifest"],
    ["./mail-send.ts", "/etc/x.ts", "m.yaml:19:3: `run.js`: a path beside the manifest"],
    ["run:", "limits: { wallMs: 600000 }\nrun:", "m.yaml:18:11: `limits.wallMs`: "],
    ["kind: Tool", "kind: Tool\nkind: Tool", "m.yaml:3:1: map keys must be unique"],
    ["kind: Tool", "kind: *nothing", "m.yaml:2:7: an alias, `*nothing`"],
    ["kind: Tool", "kind: [", "m.yaml:"],
    ["apiVersion", "---\na: 1\n---\napiVersion", "m.yaml:1:1: more than one document"],
  ] as const) {
    const text = good.replace(from, to);
    t.not(text, good, from);
    const message = refusal(text);
    t.ok(message.toLowerCase().startsWith(says.toLowerCase()), `${message}  for  ${says}`);
    t.match(message, /^m\.yaml:\d+:\d+: .+ \(.+\)$/);
  }
  t.match(refusal(""), "m.yaml:1:1: the file is empty");
  t.match(refusal("# only a remark"), "m.yaml:1:1: the file is empty");
  t.end();
});

test("a label names a field that a result can have", (t) => {
  const withLabels = (schema: object | boolean, ...paths: string[]): string => {
    const labels = Object.fromEntries(paths.map((path) => [path, "trusted"]));
    const output = JSON.stringify({ schema, labels });
    return refusal(good.replace(/output:\n.*\n/, `output: ${output}\n`));
  };
  const mails = {
    type: "array",
    items: {
      type: "object",
      additionalProperties: false,
      properties: { id: { type: "string" }, from: { type: "object" } },
    },
  };
  t.equal(withLabels(mails, "$", "$[*]", "$[*].id", "$[*].*", "$[*].from.name"), "accepted");
  t.equal(withLabels(true, '$.anything[*]["at all"]'), "accepted");
  t.match(withLabels(mails, "$[*].body"), "m.yaml:14:");
  t.match(withLabels(mails, "$[*].body"), "`output.schema` has no such field");
  t.match(withLabels(mails, "$.id[*]"), "accepted", "what is not closed off may be there");
  t.match(withLabels(mails, "id"), "a path is like `$.messages[*].id`");
  const paths = Array.from({ length: provenanceLimits.fieldLabels }, (_, at) => `$.f${at}`);
  t.equal(withLabels(true, ...paths), "accepted");
  t.match(withLabels(true, ...paths, "$.more"), "at most 64 labels");
  t.end();
});

test("attack: aliases cannot make a small file large", (t) => {
  const bomb = `a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n${good}`;
  t.equal(refusal(bomb), "m.yaml:2:8: an alias, `*a` (write the value out)");
  t.end();
});

test("an image's name and its command are as long as they may be, and no longer", (t) => {
  const { imageNameChars, commandWords, commandWordChars } = containerLimits;
  const withRun = (run: object): string => {
    const text = good.replace(/run:[\s\S]*/, "sandbox: { tier: container }\n");
    return refusal(`${text}run: ${JSON.stringify(run)}\n`);
  };
  const digest = `@sha256:${"0".repeat(64)}`;
  const named = (chars: number): string => withRun({ image: "i".repeat(chars) + digest, command });
  const command = ["/bin/true"];
  t.equal(named(imageNameChars - digest.length), "accepted");
  t.match(named(imageNameChars - digest.length + 1), "run.image");
  const words = (count: number): string =>
    withRun({ image: "shell", command: Array(count).fill("w") });
  t.equal(words(commandWords), "accepted");
  t.match(words(commandWords + 1), "run.command");
  const word = (chars: number): string => withRun({ image: "shell", command: ["w".repeat(chars)] });
  t.equal(word(commandWordChars), "accepted");
  t.match(word(commandWordChars + 1), "run.command.0");
  t.end();
});

test("a service knows in one call what it knew in another: what is a call's alone it cannot have", (t) => {
  const withService = (rest: string, lifecycle = "service"): string => {
    const run = `run: { image: shell, command: [serve], lifecycle: ${lifecycle} }`;
    return refusal(
      `${good.replace(/permissions:[\s\S]*/, "").replace(/effects.*\n/, "")}${rest}\n${run}\n`,
    );
  };
  const effects = (access: string): string => `effects: [${access}]\n`;
  const files = (
    access: string,
    path: string,
  ): string => `${effects(access)}sandbox: { tier: container }
permissions: { fs: [{ path: "${path}", access: ${access} }] }`;
  t.equal(withService(files("read", "notes")), "accepted");
  t.match(withService(files("read", "{{to}}")), "`permissions.fs.0`: a service sees");
  t.match(withService(files("write", "notes")), "`permissions.fs.0`: a service writes no files");
  const agents = "effects: [read]\nsandbox: { tier: container, author: agent }";
  t.match(withService(agents), "`run.lifecycle`: code that an agent wrote");
  for (const rest of [files("read", "{{to}}"), agents]) {
    t.equal(withService(rest, "call"), "accepted", "which a container for one call can");
  }
  t.match(withService(files("read", "notes"), "daemon"), "`run.lifecycle`: invalid option");
  t.end();
});

test("limits: at the ceiling a manifest is read, above it is refused", (t) => {
  const withLimits = (entry: string): string =>
    refusal(good.replace("run:", `limits: { ${entry} }\nrun:`));
  for (const [name, ceiling] of [
    ["wallMs", limits.wallMsCeiling],
    ["cpuMs", limits.cpuMsCeiling],
    ["memoryMb", limits.memoryMbCeiling],
    ["outputKb", limits.outputKbCeiling],
  ] as const) {
    t.equal(withLimits(`${name}: ${ceiling}`), "accepted");
    t.match(withLimits(`${name}: ${ceiling + 1}`), `limits.${name}`);
  }
  t.end();
});
