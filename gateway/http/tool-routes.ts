import { z } from "zod";
import { parseRequest } from "../../manifests/call.ts";
import { limits } from "../../manifests/limits.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Session } from "../../manifests/session.ts";
import type { Caller } from "../credentials/credentials.ts";
import type { Deps } from "../deps.ts";
import { isVisible } from "../stages/identify.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { AskedBy, GuardedRoute } from "./route.ts";
import { toolsSchema } from "./schemas.ts";

type Needs = Pick<Deps, "clock" | "policy" | "store" | "tools">;

/** What an agent may propose. */
export function toolRoutes(deps: Needs): readonly GuardedRoute[] {
  return [
    {
      method: "GET",
      path: "/v1/tools",
      summary: "The tools that the session may see.",
      kinds: ["agent"],
      query: [
        {
          name: "session",
          says: "The session, where the credential is not of one alone.",
          schema: { type: "string" },
        },
        {
          name: "format",
          says: "`openai`: as Chat Completions wants them, `.` in a name as `__`.",
          schema: { enum: ["openai"] },
        },
      ],
      answers: { 200: { says: "The tools, by name.", schema: toolsSchema } },
      refusals: ["REQUEST_INVALID", "SESSION_UNKNOWN", "SESSION_ENDED"],
      handle: (asked) => listTools(asked, deps),
    },
  ];
}

const querySchema = z.strictObject({
  session: z.string().max(limits.idChars).exactOptional(),
  format: z.literal("openai").exactOptional(),
});

async function listTools({ caller, query }: AskedBy, deps: Needs): Promise<Answer> {
  const { session: named = caller.session, format } = parseRequest(querySchema, query);
  const session = await findSession(named, caller, deps);
  const describe = format === "openai" ? asFunction : asTool;
  const visible = [...deps.tools.keys()].sort().filter((name) => isVisible(name, session, deps));
  const tools = visible.flatMap((name) => deps.tools.get(name)?.manifest ?? []).map(describe);
  return jsonAnswer(200, { tools });
}

async function findSession(
  id: string | undefined,
  caller: Caller,
  { clock, store }: Needs,
): Promise<Session> {
  if (id === undefined) throw new Refusal("REQUEST_INVALID", "`session`: name one in the query");
  const session = await store.sessions.find(id);
  const isOwn = caller.session === undefined || caller.session === id;
  if (!isOwn || session?.principal !== caller.principal) throw new Refusal("SESSION_UNKNOWN");
  if (session.expiresAt <= clock.now()) throw new Refusal("SESSION_ENDED");
  return session;
}

function asTool({ name, title, description, effects, input, output }: Manifest): object {
  return {
    name,
    ...(title !== undefined && { title }),
    description,
    effects,
    input,
    output: output.schema,
  };
}

/** Chat Completions allows no dots; tool names never hold two underscores in a row. */
function asFunction({ name, description, input }: Manifest): object {
  const named = { name: name.replaceAll(".", "__"), description, parameters: input };
  return { type: "function", function: named };
}
