/** What `ringward init` writes, by path in the new folder. */
export const deploymentFiles: Readonly<Record<string, string>> = {
  "ringward.yaml": `# A deployment of Ringward. Every key is explained in docs/deployment.md; paths are relative to
# this file. A key that is not known here is refused, so a misspelt one cannot go unnoticed.
apiVersion: ringward/v1
kind: Deployment

# Agents and operators come in by doors of their own. Beyond loopback a door needs \`tls\`, or a
# proxy in front and \`ringward start --behind-proxy\`.
listen:
  agents: { host: 127.0.0.1, port: 8700 }
  operators: { host: 127.0.0.1, port: 8701 }
  # names: [gateway.example]
  # tls: { cert: ./tls/cert.pem, key: ./tls/key.pem }

# The store, the record and the keys. Nobody but the gateway's own user may read it.
state: ./state

# The only folder whose files tools may see.
workspace: ./workspace

# Who may do what, in Cedar. Without this key the shipped policies apply.
policies: [./policies]

# Your own tools, beside the shipped ones.
manifests: [./manifests]

# Of the shipped tools only these are offered. Without this key all of them are.
# tools: [csv.query, files.list, files.read, files.write, js.run, json.query, text.search]

# Who launches containers, for tools whose tier is a container's: \`ringward launcher\`, which alone
# holds the engine's socket, see docs/launcher.md. Their images come from \`ringward images build\`.
# Without this key such calls are refused.
# containers: { launcher: /run/ringward/launcher.sock, sockets: /run/ringward/out }

# What reads arguments before a call, and results after it. An empty list is refused.
guards:
  input: [secrets, disguise]
  output: [secrets, injection]
`,

  "manifests/text-count.yaml": `# What the tool may ever do. Each field is explained in docs/manifests.md.
apiVersion: ringward/v1
kind: Tool
name: text.count
version: 1.0.0
description: Counts the characters, words and lines of a text.
input:
  type: object
  additionalProperties: false
  required: [text]
  properties:
    text: { type: string, maxLength: 20000, description: The text to count. }
roles:
  text: content
effects: [read]
output:
  schema:
    type: object
    additionalProperties: false
    required: [characters, words, lines]
    properties:
      characters: { type: integer }
      words: { type: integer }
      lines: { type: integer }
  integrity: trusted
  confidentiality: internal
# No \`permissions\`: neither files nor network.
limits: { wallMs: 2000, cpuMs: 200, memoryMb: 16, outputKb: 1 }
run: { js: ./text-count.ts }
`,

  "manifests/text-count.ts": `interface Arguments {
  readonly text: string;
}

interface Counts {
  readonly characters: number;
  readonly words: number;
  readonly lines: number;
}

/** Runs in the sandbox, with nothing but what the manifest permits. */
export function run({ text }: Arguments): Counts {
  return {
    characters: [...text].length,
    words: text.split(/\\s+/).filter((word) => word !== "").length,
    lines: text.split("\\n").length,
  };
}
`,

  "cases/text-count.yaml": `# What policy has to say of a call; \`ringward policy test cases\` runs this.
- description: counting a text changes nothing, so it is allowed
  tool: text.count
  arguments: { text: one two three }
  want: allow

- description: a tool that nobody installed is denied
  tool: text.translate
  arguments: { text: one two three }
  want: deny
`,
};
