import { type Digest, digestJson } from "../../manifests/digest.ts";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Verdict } from "../../manifests/verdict.ts";
import type { Deps } from "../deps.ts";
import { Ended } from "../ended.ts";
import type { Judged } from "../state.ts";
import type { Approval, Store } from "../store/store.ts";

/**
 * What an approval is for: the whole policy input, the tool's pin, the bundle, and what the person
 * was shown. A change of any of them is another question.
 */
export function approvalFacts(
  judged: Judged,
  verdict: Verdict,
  deps: Pick<Deps, "bundle">,
): Digest {
  return digestJson("approval", {
    policyInput: judged.policyInput as unknown as JsonValue,
    pin: judged.tool.pin,
    bundle: deps.bundle,
    shown: shownTo(judged, verdict),
  });
}

/** What the person who answers is shown. Strangers wrote parts of it: whoever prints it escapes it. */
function shownTo(judged: Judged, verdict: Verdict): JsonObject {
  const { manifest } = judged.tool;
  return {
    tool: manifest.name,
    does: manifest.description,
    effects: [...manifest.effects],
    questions: verdict.kind === "ask" ? [...verdict.questions] : [],
    principal: judged.session.principal,
    task: judged.session.task,
    arguments: judged.proposal.arguments,
    sources: inOrder(judged.elements).map(({ path, role, source }) => ({ path, role, source })),
    needs: judged.policyInput.needs as unknown as JsonObject,
    tier: judged.tier,
  };
}

/** Arguments in another order are the same question: a person who said no is not asked again. */
function inOrder(elements: Judged["elements"]): Judged["elements"] {
  return elements.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

interface Question {
  readonly session: string;
  readonly facts: Digest;
  readonly named: string | undefined;
}

/**
 * The approval that the call names, or one that was asked for with the same facts.
 *
 * @throws {Refusal} `APPROVAL_MISMATCH` where the named one is for something else.
 */
export async function findApproval(
  question: Question,
  store: Pick<Store, "approvals">,
): Promise<Approval | undefined> {
  const { session, facts, named } = question;
  if (named === undefined) return await store.approvals.findByFacts(session, facts);
  const approval = await store.approvals.find(named);
  const isSame = approval?.session === session && approval.facts === facts;
  if (!isSame) throw new Refusal("APPROVAL_MISMATCH");
  return approval;
}

interface Held {
  readonly judged: Judged;
  readonly verdict: Verdict;
  readonly facts: Digest;
  readonly approval: Approval | undefined;
}

/** The approval to use up; where there is none yet, the call ends here as pending. */
export function holdApproval(
  held: Held,
  deps: Pick<Deps, "clock" | "newId">,
): { readonly id: string; readonly facts: Digest } {
  const { approval, facts } = held;
  if (approval === undefined) {
    throw new Ended({ kind: "pending", approval: ask(held, deps), isNew: true });
  }
  switch (approval.status) {
    case "approved":
      return { id: approval.id, facts };
    case "waiting":
      throw new Ended({ kind: "pending", approval, isNew: false });
    case "denied":
      throw new Refusal("APPROVAL_DENIED");
    case "used":
    case "expired":
      throw new Refusal("APPROVAL_MISMATCH");
  }
}

function ask({ judged, verdict, facts }: Held, deps: Pick<Deps, "clock" | "newId">): Approval {
  const askedAt = deps.clock.now();
  return {
    id: deps.newId("approval"),
    call: judged.id,
    session: judged.session.id,
    principal: judged.session.principal,
    tool: judged.tool.manifest.name,
    facts,
    shown: shownTo(judged, verdict),
    askedAt,
    expiresAt: askedAt + limits.approvalSeconds * 1_000,
    status: "waiting",
  };
}
