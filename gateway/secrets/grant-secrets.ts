import { canonicalJson } from "../../manifests/canonical.ts";
import type { JsonValue } from "../../manifests/json.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import {
  type NetPermission,
  type Permissions,
  urlPathWithin,
} from "../../manifests/permissions.ts";
import {
  type GrantedSecret,
  mayUse,
  type SecretBinding,
  type SecretDestination,
  type SecretPlace,
  type SecretProvider,
} from "../../manifests/secret.ts";

export interface SecretsWanted {
  readonly manifest: Manifest;
  readonly principal: string;
  /** Of this one call. */
  readonly permissions: Permissions;
}

/**
 * What the manifest declares ∩ what each secret is bound to ∩ who calls ∩ where this call may go. A
 * secret of which nothing is left is not granted.
 *
 * @throws {Refusal} `SECRET_UNAVAILABLE` where the bindings cannot be read.
 */
export async function grantSecrets(
  wanted: SecretsWanted,
  provider: Pick<SecretProvider, "binding">,
): Promise<readonly GrantedSecret[]> {
  const granted: GrantedSecret[] = [];
  for (const [name, place] of Object.entries(wanted.manifest.secrets)) {
    const binding = await provider.binding(name);
    if (binding && isBound(binding, place, wanted)) granted.push({ name, to: binding.to, place });
  }
  return granted;
}

function isBound(
  binding: SecretBinding,
  place: SecretPlace,
  { manifest, principal, permissions }: SecretsWanted,
): boolean {
  return (
    mayUse(binding, { tool: manifest.name, principal }) &&
    textOf(binding.place) === textOf(place) &&
    permissions.net.some((permission) => meet(permission, binding.to))
  );
}

function textOf(place: SecretPlace): string {
  return canonicalJson(place as unknown as JsonValue);
}

/** Whether any request lies within both. */
function meet(permission: NetPermission, to: SecretDestination): boolean {
  return (
    permission.scheme === to.scheme &&
    permission.host === to.host &&
    permission.ports.some((port) => to.ports.includes(port)) &&
    permission.methods.some((method) => to.methods.includes(method)) &&
    (urlPathWithin(permission.path, to.path) || urlPathWithin(to.path, permission.path))
  );
}
