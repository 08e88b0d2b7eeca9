/**
 * Whether the environment insists on a tool that a machine need not have: `RINGWARD_REQUIRE` lists
 * them. Where it does, a test that lacks the tool fails; elsewhere it is left out.
 */
export function isRequired(tool: string): boolean {
  return (process.env["RINGWARD_REQUIRE"] ?? "").split(",").includes(tool);
}
