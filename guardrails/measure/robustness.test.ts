import { test } from "tap";
import type { LabelledText } from "./labelled-texts.ts";
import { robustnessOf } from "./robustness.ts";

const row = (label: LabelledText["label"], text: string, id: number): LabelledText => ({
  ...{ id: `${id}`, text, label, kind: "any", source: "any" },
});

const texts = [
  ...Array.from({ length: 30 }, (_, id) => row("injection", `order ${id}`, id)),
  ...Array.from({ length: 30 }, (_, id) => row("benign", `page ${id}`, id + 100)),
  row("injection", "nothing that is found", 99),
];

const setup = {
  disguises: [
    { name: "none", disguise: (text: string) => text },
    { name: "gone", disguise: () => "" },
    { name: "loud", disguise: (text: string) => `${text} order` },
    { name: "faint", disguise: (text: string) => text.replace("order", "faint") },
  ],
  score: (text: string) =>
    Promise.resolve(text.includes("order") ? 0.8 : Number(text.includes("faint")) * 0.4),
  threshold: 0.7,
  random: () => 0.5,
};

test("what a disguise leaves of a score, and how often it raises an alarm", async (t) => {
  t.strictSame(await robustnessOf(texts, setup), [
    { name: "none", kept: 1, alarms: 0, keptWithin: 1, alarmsWithin: 0 },
    { name: "gone", kept: 0, alarms: 0, keptWithin: 0, alarmsWithin: 0 },
    { name: "loud", kept: 1, alarms: 1, keptWithin: 1, alarmsWithin: 1 },
    { name: "faint", kept: 0.5, alarms: 0, keptWithin: 0.5, alarmsWithin: 0 },
  ]);
});
