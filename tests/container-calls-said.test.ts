import { test } from "tap";
import { fakeCalls, good, type Program, says } from "./container-calls-fixtures.ts";

test("what is no answer ends its call at once", async (t) => {
  const { run, alive } = fakeCalls(t);
  const result = await run((container) => container.say("hello"));
  t.match(result, { kind: "failed", code: "OUTPUT_UNREADABLE" });
  t.equal(alive(), 0);
});

test("a death by a signal is marked as one", async (t) => {
  const { run } = fakeCalls(t);
  t.match(await run(says("", 139)), { code: "SANDBOX_CRASH", signal: "died" });
});

test("of what failed the agent is told no more than some sentences", async (t) => {
  const { run } = fakeCalls(t);
  const long = "x".repeat(501);
  const detail = "x".repeat(500);
  const said = await run(says(`{"nonce":"NONCE","error":"${long}"}`));
  t.strictSame(said.kind === "failed" && said.detail, detail);
  const last = await run((container) => {
    container.say(long, "stderr");
    container.end({ exitCode: 1 });
  });
  t.strictSame(last.kind === "failed" && last.detail, detail);
});

test("a program is told of no code, and of files where it may leave some", async (t) => {
  const { run, launcher } = fakeCalls(t);
  const keys: string[][] = [];
  const program: Program = (container, told) => {
    keys.push(Object.keys(told).sort());
    says(good)(container, told);
  };
  await run(program);
  const fs = [{ path: "a.txt", access: "write" as const }];
  await run(program, { grant: { permissions: { net: [], fs } } });
  await run(program, { code: "x" });
  t.strictSame(keys, [
    ["arguments", "nonce"],
    ["arguments", "files", "nonce"],
    ["arguments", "code", "nonce"],
  ]);
  t.notOk(
    launcher.made.some(({ request }) => request.network),
    "and nobody needed a way out",
  );
});

test("attack: the handle of a secret leaves in what a program says", async (t) => {
  const to = {
    scheme: "https",
    host: "a.test",
    ports: [443],
    methods: ["GET"],
    path: "/",
  } as const;
  const secret = { name: "key", place: { header: "x-key", prefix: "" }, to };
  const binding = { tools: ["test.tool"], principals: ["agent"], to, place: secret.place };
  const { run, proxy } = fakeCalls(t, {
    binding: async () => binding,
    read: async () => ({ binding, value: "the-value-of-the-secret" }),
  });
  const grant = { secrets: [secret], permissions: { net: [to], fs: [] } };
  const ways: Readonly<Record<string, (handle: string) => [stderr: string, stdout: string]>> = {
    output: (handle) => ["", `{"nonce":"NONCE","output":"${handle}"}`],
    error: (handle) => ["", `{"nonce":"NONCE","error":"${handle}"}`],
    log: (handle) => [handle, good],
  };
  for (const [way, words] of Object.entries(ways)) {
    let handle = "";
    const result = await run(
      (container, told) => {
        void proxy.doors[0]?.request("secret", { name: "key" }).then((given) => {
          handle = String(given);
          const [stderr, stdout] = words(handle);
          if (stderr) container.say(stderr, "stderr");
          says(stdout)(container, told);
        });
      },
      { grant },
    );
    t.match(result, { kind: "failed", code: "SECRET_MISUSED" }, way);
    t.ok(handle.length > 20);
    const { log: _, ...told } = result;
    t.notOk(JSON.stringify(told).includes(handle), `${way}: told to nobody`);
  }
});
