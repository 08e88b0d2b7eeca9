import type { Grant, GrantedSandbox } from "../../manifests/grant.ts";
import { joinLabels, type Label } from "../../manifests/label.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import { isContainerTier, type Tier } from "../../manifests/tier.ts";
import { controlsBefore, covered } from "../coverage.ts";
import type { Deps } from "../deps.ts";
import { intentDetails } from "../records.ts";
import { grantSecrets } from "../secrets/grant-secrets.ts";
import type { Admitted, Judged } from "../state.ts";
import type { Intent } from "../store/store.ts";
import { endRepeated } from "./check.ts";
import { areEndorsed } from "./trace.ts";

type Needs = Pick<
  Deps,
  "bundle" | "clock" | "newId" | "newSeed" | "secrets" | "selfProof" | "store"
>;

/**
 * Ring 6: the least that this call needs, for seconds, once. One store transaction claims, reserves,
 * uses up and writes the intent: either all of it is durable, or nothing runs.
 */
export async function admit(state: Judged, deps: Needs): Promise<Admitted> {
  const grant = await mint(covered(state, controlsBefore("grant")), deps);
  await claim(state, intentOf(state, grant, deps), deps);
  state.trace.note("grant", { grant: grant.id, expiresAt: grant.expiresAt });
  return state.trace.reach({ ...state, grant });
}

/** Where another call took the idempotency key in between, its answer may be there by now. */
async function claim(state: Judged, intent: Intent, deps: Needs): Promise<void> {
  try {
    await deps.store.calls.admit(intent);
  } catch (error) {
    const isTaken = error instanceof Refusal && error.code === "IDEMPOTENCY_IN_PROGRESS";
    if (isTaken) await endRepeated(state, deps);
    throw error;
  }
}

async function mint(state: Judged, deps: Needs): Promise<Grant> {
  const { manifest, pin } = state.tool;
  const sandbox = await placeOf(state, deps);
  const wanted = { manifest, principal: state.session.principal, permissions: state.permissions };
  const secrets = await grantSecrets(wanted, deps.secrets);
  const issuedAt = deps.clock.now();
  return {
    id: deps.newId("grant"),
    call: state.id,
    session: state.session.id,
    principal: state.session.principal,
    tool: manifest.name,
    toolPin: pin,
    arguments: state.argumentsDigest,
    policyInput: state.policyDigest,
    bundle: deps.bundle,
    permissions: state.permissions,
    secrets,
    sandbox,
    limits: manifest.limits,
    label: labelOf(state),
    issuedAt,
    seed: deps.newSeed(),
    expiresAt: issuedAt + manifest.limits.wallMs + limits.grantSlackMs,
  };
}

/** Before anything is used up: where the tier did not hold, or the image is not there. */
async function placeOf({ tool, tier }: Judged, deps: Needs): Promise<GrantedSandbox> {
  const { author, jit } = tool.manifest.sandbox;
  // What did not hold when it was last measured is refused, never replaced.
  await deps.selfProof.require(tier, raiseOf(tool.manifest.sandbox.tier, tier));
  if (!isContainerTier(tier)) return { tier, author, jit };
  if (tool.image === undefined) throw new Refusal("IMAGE_UNAVAILABLE");
  const { run } = tool.manifest;
  const lifecycle = "image" in run ? run.lifecycle : "call";
  return { tier, author, jit, image: tool.image, lifecycle };
}

/** For whoever wonders why a tool that ran before is refused now. */
function raiseOf(own: Tier, tier: Tier): string {
  if (tier === own) return "";
  return `; this one was raised from \`${own}\`, by untrusted text, code or policy`;
}

/** What the tool writes is no better than what it says; what nobody stands behind is nobody's word. */
function labelOf({ tool, argumentsLabel, elements }: Judged): Label {
  const { integrity, confidentiality } = tool.manifest.output;
  const label = joinLabels({ integrity, confidentiality }, argumentsLabel);
  return areEndorsed(elements) ? label : { ...label, integrity: "untrusted" };
}

function intentOf(state: Judged, grant: Grant, deps: Needs): Intent {
  const { budget } = state.tool.manifest;
  const outputBytes = grant.limits.outputKb * 1_024;
  return {
    at: deps.clock.now(),
    grant,
    epoch: state.session.epoch,
    ...(state.idempotencyKey !== undefined && {
      idempotency: { key: state.idempotencyKey, body: state.requestDigest },
    }),
    ...(state.approval && { approval: state.approval }),
    budget: {
      ...budget,
      bytes: Buffer.byteLength(state.argumentsText) + outputBytes,
      seconds: grant.limits.wallMs / 1_000,
    },
    record: intentDetails(state, grant, deps.selfProof.standing),
    argumentsText: state.argumentsText,
  };
}
