import { test } from "tap";
import { parseCallProposal } from "./call.ts";
import type { JsonValue } from "./json.ts";
import { limits } from "./limits.ts";

const refused = { name: "Refusal", code: "REQUEST_INVALID" };

test("at the limit a proposal is read, above it is refused", (t) => {
  const proposal = (tool: number, approval: number) => ({
    tool: "t".repeat(tool),
    arguments: { a: [1] },
    approval: "a".repeat(approval),
  });
  const { toolNameChars, idChars } = limits;
  t.same(parseCallProposal(proposal(toolNameChars, idChars)), proposal(toolNameChars, idChars));
  t.throws(() => parseCallProposal(proposal(toolNameChars + 1, 1)), refused);
  t.throws(() => parseCallProposal(proposal(1, idChars + 1)), refused);
  t.end();
});

test("what is wrong is named, and nothing is coerced, added or left out", (t) => {
  const wrong: readonly (readonly [JsonValue, string])[] = [
    [null, "the body"],
    [[], "the body"],
    [{ arguments: {} }, "`tool`"],
    [{ tool: "", arguments: {} }, "`tool`"],
    [{ tool: 7, arguments: {} }, "`tool`"],
    [{ tool: "t" }, "`arguments`"],
    [{ tool: "t", arguments: [] }, "`arguments`"],
    [{ tool: "t", arguments: "{}" }, "`arguments`"],
    [{ tool: "t", arguments: {}, approval: null }, "`approval`"],
    [{ tool: "t", arguments: {}, principal: "root" }, "the body"],
  ];
  for (const [body, place] of wrong) {
    const message = new RegExp(`^${place}: `);
    t.throws(() => parseCallProposal(body), { ...refused, message }, JSON.stringify(body));
  }
  t.end();
});
