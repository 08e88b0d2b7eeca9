import type { Expr, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";

/** Which part of a record is read: all of it, or some attributes, and of those which part. */
export type Mask = "all" | ReadonlyMap<string, Mask>;

/**
 * All that some policies can read of a request beyond what their scopes say of principal and
 * action. A decision gets just this, so it cannot depend on anything else.
 */
export interface Reads {
  /** The principal's id and groups. */
  readonly principal: boolean;
  /** `all` includes the session's id. */
  readonly resource: Mask;
  readonly context: Mask;
}

/** Where an access is not statically plain, the whole object counts as read. */
export function readsOf(policies: readonly PolicyJson[]): Reads {
  const found: Found = { principal: false, resource: new Map(), context: new Map() };
  for (const policy of policies) {
    if (namesResource(policy)) found.resource = "all";
    for (const { body } of policy.conditions) walk(body, found);
  }
  return found;
}

type Growing = "all" | Map<string, Mask>;

interface Found {
  principal: boolean;
  resource: Growing;
  context: Growing;
}

function namesResource({ resource }: PolicyJson): boolean {
  return resource.op === "==" || resource.op === "in" || (resource.op === "is" && "in" in resource);
}

/** An expression has one key: what it does. What is not known here counts as reading everything. */
function walk(expression: Expr, found: Found): void {
  const node = expression as Record<string, unknown>;
  const [kind] = Object.keys(node);
  const inner = kind === undefined ? undefined : node[kind];
  const access = accessPath(expression);
  if (access !== undefined) read(access.variable, access.path, found);
  else if (kind === "Value") walkLiteral(inner, found);
  else if (kind === "Record") walkAll(Object.values(inner as Record<string, Expr>), found);
  else if (Array.isArray(inner)) walkAll(inner as Expr[], found);
  else walkOperands(operands(inner), found);
}

function walkOperands(expressions: readonly Expr[], found: Found): void {
  if (expressions.length === 0) readEverything(found);
  walkAll(expressions, found);
}

function walkAll(expressions: readonly Expr[], found: Found): void {
  for (const expression of expressions) walk(expression, found);
}

const operandNames = ["left", "right", "arg", "if", "then", "else", "in"];

function operands(node: unknown): readonly Expr[] {
  return Object.entries(Object(node))
    .filter(([name]) => operandNames.includes(name))
    .map(([, operand]) => operand as Expr);
}

/** A literal agent or session can be the request's own, whose parents and attributes vary. */
function walkLiteral(value: unknown, found: Found): void {
  if (typeof value !== "object" || value === null) return;
  const { type } = (value as { readonly __entity?: { readonly type: string } }).__entity ?? {};
  if (type === "Action" || type === "Group") return;
  found.principal = true;
  found.resource = "all";
}

function readEverything(found: Found): void {
  found.principal = true;
  found.resource = "all";
  found.context = "all";
}

interface Access {
  readonly variable: string;
  readonly path: readonly string[];
}

/** `context.args has a.b` reads `args`, `a`, `b` of `context`. */
function accessPath(expression: Expr): Access | undefined {
  if ("Var" in expression && typeof expression.Var === "string") {
    return { variable: expression.Var, path: [] };
  }
  const step = stepOf(expression);
  const base = step && accessPath(step.left);
  return base && { variable: base.variable, path: [...base.path, ...[step.attr].flat()] };
}

interface Step {
  readonly left: Expr;
  readonly attr: string | readonly string[];
}

function stepOf(expression: Expr): Step | undefined {
  const node = expression as Partial<Record<"." | "has", Step>>;
  return node["."] ?? node.has;
}

function read(variable: string, path: readonly string[], found: Found): void {
  if (variable === "principal") found.principal = true;
  else if (variable === "resource") found.resource = add(found.resource, path);
  else if (variable === "context") found.context = add(found.context, path);
  else if (variable !== "action") readEverything(found);
}

function add(mask: Growing, [name, ...rest]: readonly string[]): Growing {
  if (mask === "all" || name === undefined) return "all";
  const inner = (mask.get(name) ?? new Map()) as Growing;
  return mask.set(name, add(inner, rest));
}
