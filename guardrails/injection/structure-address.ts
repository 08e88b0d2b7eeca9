import { structureLimits } from "../../manifests/structure-limits.ts";
import type { Trace } from "./structure.ts";
import { strongestOrder } from "./structure-orders.ts";

/** Sentences that speak to a model or an agent, as one speaks to somebody. */
export function* addressesModel(text: string): Generator<Trace> {
  if (!mayAddress.test(text)) return;
  let read = 0;
  for (const { index, 0: called } of text.matchAll(calls)) {
    read += 1;
    if (read > structureLimits.addresses) return;
    const start = index + called.search(/\S/);
    const after = index + called.length;
    const score = strongestOrder(text.slice(after, after + orderChars)) ? 0.8 : 0.35;
    yield { name: "address", start, end: after, score };
  }
}

/** What is said to somebody follows at once. */
const orderChars = 200;

const mayAddress =
  /\b(?:AI|LLM|assistant|language model|chatbot|ChatGPT|GPT|Claude|Gemini|Copilot)/i;
const who = String.raw`(?:(?:ai|a\.i\.|llm|(?:large )?language|chat|virtual|helpful|intelligent)[ -](?:model|assistant|agent|system|bot)s?|ai|llms?|chatbots?|chatgpt|gpt(?:-?\d)?|claude|gemini|copilot|assistants?)`;

/** At most a few characters before a name of theirs, so that it is tried near one alone. */
const calls = new RegExp(
  [
    String.raw`(?:^|[.!?:>"'(\[*-]|\n)\s{0,4}(?:(?:hey|hi|hello|dear|attention|urgent|important|(?:note|message|instructions?|notice|reminder|order)s? (?:to|for)|to) ){0,2}(?:all |any |the |an? |my |this )?${who}\s?(?:[,:!]|--|—)\s`,
    String.raw`\b(?:if|as|since|because) (?:you are|you're) (?:an? |the )?(?:\w{1,20} )?${who}\b`,
    String.raw`\b(?:all |any |every |the )?${who} (?:that|which|who|reading|processing|summari[sz]ing|parsing|viewing)\b[^.\n]{0,80}\b(?:must|should|shall|has to|have to|needs? to|please)\b`,
  ].join("|"),
  "gi",
);
