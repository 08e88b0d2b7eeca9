import {
  type JsonObject,
  type JsonValue,
  pointerToken,
  valueAt,
  visitLeaves,
} from "../../manifests/json.ts";
import { isEndorsed, joinLabels, type Label, type Source, weaker } from "../../manifests/label.ts";
import { limits } from "../../manifests/limits.ts";
import type { Role } from "../../manifests/manifest.ts";
import type { Session } from "../../manifests/session.ts";
import type { Checked, Traced, TracedElement } from "../state.ts";
import { leaksIn } from "./leaks.ts";
import type { Carried } from "./resolve.ts";

/** Ring 4: where each element of each argument came from, by what the session has seen till now. */
export function trace(state: Checked): Traced {
  const elements = traceElements(state);
  const own = labelOf(elements, state.session);
  const argumentsLabel = state.carried.map(({ label }) => label).reduce(joinLabels, own);
  const leaks = leaksIn(state);
  state.trace.note("provenance", {
    sources: sourcesByRole(elements),
    tainted: state.session.label.integrity === "untrusted",
    leaks: leaks.length,
  });
  const findings = [...state.findings, ...leaks];
  return state.trace.reach({ ...state, findings, elements, argumentsLabel });
}

/** Every leaf of every argument; an argument without a role is content. */
function traceElements(state: Checked): readonly TracedElement[] {
  const elements: TracedElement[] = [];
  const { roles } = state.tool.manifest;
  for (const [name, value] of Object.entries(state.proposal.arguments)) {
    const role = roles[name] ?? "content";
    visitLeaves(
      value,
      (leaf, path) => {
        const isLookedUp = elements.length < limits.tracedElements;
        const element = { value: leaf, role, name };
        const source = isLookedUp ? state.index.sourceOf(element) : "unknown";
        elements.push({ path, role, source: sourceOfCarried({ path, source, state }) });
      },
      `/${pointerToken(name)}`,
    );
  }
  return elements;
}

interface Seen {
  readonly path: string;
  /** By what the session has seen of the text that stands there now. */
  readonly source: Source;
  readonly state: Checked;
}

/**
 * What a reference led to is of its result, wherever else it was seen. Around what a token stands for
 * there may be words of the agent's.
 */
function sourceOfCarried({ path, source, state }: Seen): Source {
  const found = state.carried.filter((one) => path === one.path || path.startsWith(`${one.path}/`));
  if (found.length === 0) return source;
  const text = valueAt(state.proposal.arguments, path);
  const isWhole = found.some(({ token }) => !token || isAll(token, text));
  const theirs = found.map(({ label }): Source => label.integrity);
  return theirs.reduce(weaker, isWhole ? "trusted" : source);
}

function isAll({ start, end }: NonNullable<Carried["token"]>, text: unknown): boolean {
  return typeof text === "string" && end - start === text.length;
}

/**
 * What the arguments carry. In a session that has read untrusted text, whatever the user or a
 * trusted tool did not say may be that text in other words; what the user said is the user's own.
 */
function labelOf(elements: readonly TracedElement[], session: Session): Label {
  const carried = elements.filter((element) => element.source !== "task");
  const label: Label = { integrity: "trusted", confidentiality: "public" };
  return carried.reduce((sum, element) => joinLabels(sum, labelOfElement(element, session)), label);
}

function labelOfElement({ source }: TracedElement, { label }: Session): Label {
  const own = source === "trusted" || source === "derived";
  if (source === "untrusted") return { ...label, integrity: "untrusted" };
  return own ? { ...label, integrity: "trusted" } : label;
}

function sourcesByRole(elements: readonly TracedElement[]): JsonObject {
  const weakest: Partial<Record<Role, Source>> = {};
  for (const { role, source } of elements) weakest[role] = weaker(weakest[role] ?? source, source);
  return weakest as { [role: string]: JsonValue };
}

/** Roles whose values a tool can hand back; what the others say only chooses among what is there. */
const carried: readonly Role[] = ["command", "content"];

/**
 * Whether the user or a trusted tool stands behind all that a tool could hand back of its arguments.
 * What the agent made up does not become a trusted tool's word by being sent through it.
 */
export function areEndorsed(elements: readonly TracedElement[]): boolean {
  return elements.every(({ role, source }) => !carried.includes(role) || isEndorsed(source));
}
