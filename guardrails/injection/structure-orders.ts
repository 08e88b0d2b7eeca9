import { structureLimits } from "../../manifests/structure-limits.ts";
import type { Range } from "../views/view.ts";

/** A sentence that gives an order, and how strongly. */
export interface Order extends Range {
  /** 1 is a bare request; 3 leaves little doubt that a model is meant. */
  readonly strength: number;
}

/** The strongest order of a text; of equally strong ones the first. */
export function strongestOrder(text: string): Order | undefined {
  let strongest: Order | undefined;
  if (!mayOrder.test(text)) return strongest;
  for (const { 0: sentence, index } of text.matchAll(sentences)) {
    const said = joined(sentence).slice(0, structureLimits.sentenceChars);
    const strength = strengthOf(said);
    if (strength <= (strongest?.strength ?? 0)) continue;
    const start = index + startIn(sentence, said);
    strongest = { strength, start, end: index + sentence.length };
  }
  return strongest;
}

/** What stands before an order in its sentence is known where no marks were taken off. */
function startIn(sentence: string, said: string): number {
  const begin = sentence.length - sentence.trimStart().length;
  if (!sentence.startsWith(said, begin)) return begin;
  const first = leading.map(({ pattern }) => said.search(pattern)).filter((at) => at >= 0);
  const at = Math.min(...first);
  return begin + at + said.slice(at).search(/[\p{L}\p{N}]/u);
}

/** A line may end in the middle of one. */
const sentences =
  /(?:[^.!?;\n\\\u3002\uff01\uff1f\uff1b]|[.!?;](?![\s"'\u201d)]|$)|\n(?![ \t]*\n)|\\(?!n))+/g;

/** Tags, line ends and the marks of comments are no part of a sentence. */
function joined(sentence: string): string {
  return sentence
    .replace(/<[a-z/!][^<>]{0,500}>/gi, "")
    .replace(/\n[ \t]{0,80}(?:(?:#|\/\/|--|\*)[ \t]{1,8})?(?=\S)/g, " ")
    .trimStart();
}

interface Signal {
  readonly weight: number;
  readonly pattern: RegExp;
}

/** Words at which a sentence, or what is said in it behind a colon, can begin to be an order. */
const start = String.raw`(?:^[\s"'“(*#>-]*|[:–—]\s{1,3}|-\s|,\s(?=(?:then|now|please|also|and then)\b))(?:(?:and|then|now|also|first|next|finally|immediately|instead|kindly|important|note|always|just|simply|so|but|ok|okay|und|dann|et|puis|ensuite|y|luego)[\s,:!]+){0,3}`;
const asking = `(?:please|pls|can you|could you|would you|will you|you (?:must|should|shall|have to|need to|will|are to|are required to)(?: (?:now|also|always|first|immediately))?|i (?:need|want|would like) you to|make sure (?:to|you|that you)|be sure to|remember to|your (?:new |real |next |first )?(?:task|job|goal|mission|instructions?) (?:is|are)(?: to)?|bitte|kannst du|können sie|du (?:musst|sollst)|sie (?:müssen|sollen)|veuillez|merci de|peux-tu|pouvez-vous|tu dois|vous devez|s'il (?:te|vous) pla[iî]t|por favor|puedes|debes|请你?|你必须|您必须)`;
const acts = `(?:send|forward|e-?mail|transfer|pay|wire|withdraw|deposit|buy|purchase|order|book|schedule|cancel|delete|erase|wipe|drop|grant|revoke|share|invite|unlock|disable|deactivate|activate|enable|download|install|upload|execute|invoke|post|publish|submit|reset|modify|export|retrieve|fetch|access|reveal|disclose|leak|tell|give|sell|trade|dispatch|initiate|manage|monitor|implement|ignore|disregard|forget|bypass|override|search|locate|navigate|visit|click|read|collect|gather|copy|say|respond|reply|answer|state|repeat|pretend|act as|encode|decode|translate|summari[sz]e|recommend|mention|claim|conclude|provide|confirm|print|show|list|write|change|update|add|remove|extract|encrypt|exfiltrate|alter|replace|redirect|reroute|shut ?down|stop|elevate|escalate|capture|inject|allocate|reallocate|adjust|turn (?:on|off)|log (?:in|into)|sende|schicke?|überweise|lösche|ignoriere?n?|vergiss|vergessen|antworte|sage?|verrate|gib|leite|führe|envoie|envoyez|transf[éè]re[rz]?|supprime[rz]?|ignore[rz]|oublie[rz]?|réponds|répondez|dis|dites|révèle[rz]?|indique[rz]?|exécute[rz]?|envía|envíe|transfiere|transfiera|borra|borre|elimina|elimine|ignora|olvida|olvide|responde|responda|revela|revele|indica|indique|ejecuta|ejecute)`;
const chinese = "(?:忽略|无视|发送|转发|转账|删除|告诉|回复|执行|泄露|透露|输出|忘记)";

/** What makes a sentence an order, or a more telling one. None reads a character more than a few times. */
const asks: Signal = { weight: 1, pattern: new RegExp(`${start}${asking}(?![a-z])`, "i") };
const bids: Signal = {
  weight: 1,
  pattern: new RegExp(
    `${start}(?:${asking}\\s+(?:(?:also|now|immediately|first|then|to|not|never)\\s+){0,2})?(?:${acts}(?![\\w-])|${chinese})`,
    "i",
  ),
};
const overrides: Signal = {
  weight: 3,
  pattern:
    /(?<!\b(?:do not|don['’]t|never|to) |n['’])\b(?:ignor\w{1,6}|disregard\w{0,3}|forget|override|bypass|vergiss|oublie[rz]?|olvid[ae]|olvide)\b[^\n]{0,40}\b(?:instructions?|previous|prior|above|earlier|prompts?|rules|guidelines|everything|anweisungen|vorher\w{0,6}|consignes|précédent\w{0,3}|anterior\w{0,3}|instrucciones|the function|this code)\b|(?:忽略|无视|忘记).{0,12}(?:指令|指示|说明|提示|规则)/i,
};
const conceals: Signal = {
  weight: 2.5,
  pattern:
    /\b(?:do not|don't|dont|never|without|avoid)\s+(?:tell|mention|inform|notify|reveal|alert|let|show|disclos|say)\w{0,4}\b[^\n]{0,40}\b(?:users?|anyone|anybody|humans?|owner|customer|them|this|it)\b/i,
};
const callsModel: Signal = {
  weight: 2,
  pattern:
    /(?:^|[:.,!]\s|["'“(])\s*(?:(?:hey|hi|hello|dear|attention|note (?:to|for)|message (?:to|for)|instructions? (?:to|for)|to|for|as|if you are|you are) )?(?:all |any |the |an? |my )?(?:ai|llm|(?:large )?language model|chat ?bot|chatgpt|gpt(?:-\d)?|claude|gemini|copilot|assistant)s?(?: (?:model|assistant|agent|system|reader)s?)?\s*[,:!-]|\b(?:if|as|since) (?:you are|you're|you) (?:an? )?(?:ai|llm|language model|assistant|agent)\b|\b(?:ai|llm|language) (?:models?|assistants?|agents?) (?:that|which|who|reading|processing|summari[sz]ing|must|should|please)\b/i,
};
const goods: Signal = {
  weight: 1,
  pattern:
    /\b(?:passwords?|passcodes?|credentials?|api[ _-]?keys?|private keys?|ssh|id_rsa|secrets?|tokens?|bank|credit cards?|account (?:numbers?|balance|details)|social security|medical|personal (?:data|information|details)|sensitive|confidential|system prompts?|saved address\w{0,2}|browser|passwort|mot de passe|contraseña|密码|密钥)\b/i,
};
const place: Signal = {
  weight: 1,
  pattern:
    /[\w.+-]{1,64}@[\w-]{1,64}\.[a-z]|~\/\.|\/etc\/|\b(?:send|forward|post|upload|submit|transfer|deliver|leak|share|copy|fetch|download|curl)\b[^\n]{0,120}https?:\/\//i,
};
const possessive: Signal = {
  weight: 0.5,
  pattern: /\b(?:my|our|the user's|all (?:of )?(?:the|my|your))\b/i,
};
const says: Signal = {
  weight: 1,
  pattern:
    /\b(?:say|respond|reply|answer|state|output|print|claim|tell|indique[rz]?|responde|antworte)\s+(?:that|with|only|exactly|the user|["'“]|the output|que)/i,
};
const urges: Signal = {
  weight: 0.5,
  pattern:
    /\b(?:immediately|right away|at once|urgent(?:ly)?|silently|secretly|discreetly|quietly|important!|must|before (?:doing|using|calling) any)/i,
};

const powers: Signal = {
  weight: 0.5,
  pattern:
    /\b(?:grant|revoke|unlock|disable|deactivate|transfer|wire|withdraw|pay|buy|purchase|sell|delete|erase|wipe|permanent(?:ly)?|full access|admin(?:istrator)?|root)\b|[$€£]\s?\d/i,
};

const leading = [asks, bids, overrides, conceals, callsModel];
const others = [goods, place, possessive, says, urges, powers];

/** A necessary condition of the leading ones, with a gap or a letter of a writing without gaps. */
const mayOrder = /[a-z]\s|\p{Script=Han}/iu;

function strengthOf(sentence: string): number {
  const led = weightOf(leading, sentence);
  return led === 0 ? 0 : led + weightOf(others, sentence);
}

function weightOf(signals: readonly Signal[], sentence: string): number {
  return signals.reduce(
    (sum, { weight, pattern }) => sum + (pattern.test(sentence) ? weight : 0),
    0,
  );
}
