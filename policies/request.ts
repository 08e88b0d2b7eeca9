import type { JsonObject } from "../manifests/json.ts";
import type { Confidentiality, Source } from "../manifests/label.ts";
import type { Role } from "../manifests/manifest.ts";

/** Everything that policy may know of a call. A pure value: no clock, no budget, no approval. */
export interface PolicyRequest {
  readonly principal: { readonly id: string; readonly groups: readonly string[] };
  readonly tool: string;
  readonly session: {
    readonly id: string;
    /** The session has read what a stranger could have written. */
    readonly tainted: boolean;
    readonly confidentiality: Confidentiality;
  };
  /** The canonical arguments. */
  readonly arguments: JsonObject;
  /** Where each argument with a role came from; roles that no argument has are left out. */
  readonly roles: Readonly<Partial<Record<Role, RoleFacts>>>;
  /** Whether the user asked for what the tool does, in its manifest's words; absent where it has none. */
  readonly asked?: boolean;
  /** What tokens stood for that are turned back for this call, and where; absent where there are none. */
  readonly tokens?: { readonly kinds: readonly string[]; readonly roles: readonly Role[] };
  /** Kinds of findings in the arguments, sorted, without duplicates. */
  readonly findings: readonly string[];
  /** What the call would be permitted, resolved. */
  readonly needs: {
    readonly hosts: readonly string[];
    readonly reads: readonly string[];
    readonly writes: readonly string[];
  };
}

export interface RoleFacts {
  /** The weakest source among the elements of all arguments of this role. */
  readonly weakest: Source;
  /** Elements, of all arguments of this role. */
  readonly count: number;
}
