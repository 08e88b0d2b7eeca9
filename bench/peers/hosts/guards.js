// Checks of other packages that need no model: each says of a text whether it flags it.
import { createRequire } from "node:module";
import { injectionGuard, leakageGuard, piiGuard, secretGuard } from "@presidio-dev/hai-guardrails";

// The package's own index starts a client of a model's.
const fromHere = createRequire(import.meta.url);
const openai = (file) => fromHere(`@openai/guardrails/dist/checks/${file}.js`);

const hai = (guard) => async (content) => {
  const [result] = await guard([{ role: "user", content }]);
  return !result.passed;
};
const threshold = 0.7;

const checks = {
  "hai-guardrails injection, heuristic": hai(injectionGuard({}, { mode: "heuristic", threshold })),
  "hai-guardrails injection, pattern": hai(injectionGuard({}, { mode: "pattern", threshold })),
  "hai-guardrails leakage, pattern": hai(leakageGuard({}, { mode: "pattern", threshold })),
  "hai-guardrails personal data": hai(piiGuard({ selection: "all" })),
  "hai-guardrails secrets": hai(secretGuard({ selection: "all" })),
  "@openai/guardrails personal data": async (text) => {
    const { pii, PIIConfig } = openai("pii");
    return (await pii({}, text, PIIConfig.parse({ detect_encoded_pii: true }))).tripwireTriggered;
  },
  "@openai/guardrails secrets": async (text) => {
    const { secretKeysCheck } = openai("secret-keys");
    return (await secretKeysCheck({}, text, { threshold: "balanced" })).tripwireTriggered;
  },
  "@openai/guardrails addresses": async (text) =>
    (await openai("urls").urls({}, text, {})).tripwireTriggered,
};

process.on("message", async ({ check, texts }) => {
  const judged = [];
  for (const text of texts) {
    const before = process.cpuUsage();
    const isFlagged = await checks[check](text);
    const { user, system } = process.cpuUsage(before);
    judged.push({ isFlagged, cpuMs: (user + system) / 1_000 });
  }
  process.send({ judged });
});
process.on("disconnect", () => process.exit(0));
process.send({ checks: Object.keys(checks) });
