import { effects, type Manifest, roles } from "../manifests/manifest.ts";
import { SourceError } from "../manifests/source-error.ts";
import {
  type CedarType,
  type RecordType,
  recordType,
  typeOfSchema,
  typeText,
} from "./cedar-type.ts";

/** What policies see of one tool. */
export interface ToolShape {
  readonly name: string;
  /** The action groups that the tool's action is in: `call`, and one for each effect. */
  readonly groups: readonly string[];
  readonly context: RecordType;
}

/**
 * @throws {SourceError} where two tools have one name, or a tool has the name of an action group:
 * a policy that names the one would mean the other.
 */
export function toolShapes(tools: readonly Manifest[]): ReadonlyMap<string, ToolShape> {
  const shapes = new Map<string, ToolShape>();
  for (const tool of tools) {
    if (actionGroups.includes(tool.name)) throw badName(tool, "is the name of an action group");
    if (shapes.has(tool.name)) throw badName(tool, "is the name of another tool too");
    const groups = ["call", ...new Set(tool.effects)];
    shapes.set(tool.name, { name: tool.name, groups, context: contextType(tool) });
  }
  return shapes;
}

/** The Cedar schema that every policy has to fit. One action for each tool. */
export function schemaText(shapes: Iterable<ToolShape>): string {
  const groups = actionGroups.map((group) => `action "${group}";`);
  const tools = [...shapes].map(toolText);
  return [
    "entity Group;",
    "entity Agent in [Group];",
    `entity Session = ${typeText(sessionType)};`,
    ...groups,
    ...tools.sort(),
  ].join("\n");
}

/** The attributes of the resource. */
export const sessionType: RecordType = recordType({
  tainted: required("Bool"),
  confidentiality: required("String"),
});

const actionGroups: readonly string[] = ["call", ...effects];

const roleType = recordType({
  weakest: required("String"),
  endorsed: required("Bool"),
  count: required("Long"),
});

const rolesType = recordType(
  Object.fromEntries(roles.map((role) => [role, { type: roleType, required: false }])),
);

const needsType = recordType({
  hosts: required({ set: "String" }),
  reads: required({ set: "String" }),
  writes: required({ set: "String" }),
});

const tokensType = recordType({
  kinds: required({ set: "String" }),
  roles: required({ set: "String" }),
});

function required(type: CedarType): { readonly type: CedarType; readonly required: true } {
  return { type, required: true };
}

function contextType(tool: Manifest): RecordType {
  return recordType({
    args: required(typeOfSchema(tool.input) ?? recordType({})),
    roles: required(rolesType),
    asked: { type: "Bool", required: false },
    tokens: { type: tokensType, required: false },
    findings: required({ set: "String" }),
    needs: required(needsType),
  });
}

function toolText({ name, groups, context }: ToolShape): string {
  const parents = groups.map((group) => `Action::"${group}"`).join(", ");
  return `action "${name}" in [${parents}] appliesTo {
  principal: [Agent], resource: [Session],
  context: ${typeText(context)}
};`;
}

function badName(tool: Manifest, what: string): SourceError {
  return new SourceError(
    { file: `${tool.name}@${tool.version}`, line: 1, column: 1 },
    { what: `\`${tool.name}\` ${what}`, mend: "give the tool another `name`" },
  );
}
