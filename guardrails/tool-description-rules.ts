import type { Document } from "./detector.ts";
import type { Trace } from "./injection/structure.ts";

/** What stands in a description that is no description: each rule once, where it is met first. */
export function descriptionTraces({ views }: Document): readonly Trace[] {
  const { all, disguises } = views();
  const traces = new Map<string, Trace>();
  for (const view of all) {
    for (const { name, score, pattern } of rules) {
      const match = pattern.exec(view.text);
      if (!match || traces.has(name)) continue;
      const place = view.original(match.index, match.index + match[0].length);
      traces.set(name, { name, score, ...place });
    }
  }
  const [first] = disguises;
  return first
    ? [...traces.values(), { name: "disguise", score: 0.8, ...first }]
    : [...traces.values()];
}

interface Rule {
  /** The finding is `injection:description-<name>`. */
  readonly name: string;
  /** From 0 to 1: how sure it is by itself. */
  readonly score: number;
  /** Linear: what stands between its words is bounded. */
  readonly pattern: RegExp;
}

const gap = "[^.!?\\n]{0,80}";
/** Files of keys, which no tool has to do with; and words that honest tools have, too. */
const keyFiles =
  "(?:~/\\.\\w|\\.ssh\\b|\\bid_rsa\\b|(?:^|[\\s\"'`/])\\.env\\b|\\.aws\\b|\\.kube\\b|\\bmcp\\.json|/etc/(?:passwd|shadow))";
const secrets =
  "(?:private keys?|api keys?|credentials?|passwords?|access tokens?|secrets?\\b|environment variables?|confidential)";
const pass =
  "(?:pass|include|provide|put|add|append|attach|send|return|insert|copy|place|supply|set|fill|embed|paste|forward)";
const negated = "(?:do not|don't|never|must not|should not|without|avoid)";
const take = "(?:read|open|load|access|fetch|retrieve|extract|collect|get|cat|look up|check)";
const order =
  "(?:must|should|always|first|need to|have to|required to|shall|make sure|please|never|immediately)";

const rules: readonly Rule[] = [
  {
    name: "hidden-order",
    score: 0.6,
    pattern:
      /<\/?(?:important|hidden|system|instructions?|secret|admin|override|critical|internal)(?:[_ -]\w{1,20})?>|<!--[^>]{0,80}\b(?:must|always|first|ignore|send|read)\b/i,
  },
  {
    name: "reads-keys",
    score: 0.75,
    pattern: bounded(`\\b(?:${take}|${pass}|contents? of)\\b${gap}${keyFiles}`),
  },
  {
    name: "reads-secrets",
    score: 0.5,
    pattern: bounded(
      `\\b(?:before|whenever|when|each time|first|also|must|always)\\b${gap}\\b${take}\\b${gap}${secrets}`,
    ),
  },
  {
    name: "passes-secrets",
    score: 0.6,
    pattern: bounded(
      `\\b${order}\\b${gap}\\b${pass}\\b${gap}\\b(?:the user'?s|all|any|stored|saved|these|master|admin)\\b (?:\\w{1,20} ){0,2}${secrets}`,
      `\\b${pass}\\b (?:it|them|its contents?|their contents?|the contents?|these (?:credentials|secrets|details)|this information)\\b${gap}\\b(?:(?:as|in|into|to|with|through)\\b (?:the )?["'\`]?\\w{1,30}["'\`]? (?:argument|parameter|field)|your (?:response|answer|reply))`,
    ),
  },
  {
    name: "asks-for-context",
    score: 0.6,
    pattern: bounded(
      `\\b(?:full|entire|whole|complete|verbatim|all (?:of )?(?:the|your|previous)|previous|your)\\b ?(?:\\w{1,20} ){0,2}(?:conversation|chat history|message history|context window|system prompt|reasoning|tool (?:list|descriptions?|definitions?))\\b`,
      `\\bsystem prompt\\b`,
      `\\bconversation (?:history|so far|context)\\b`,
    ),
  },
  {
    name: "asks-for-keys",
    score: 0.6,
    pattern: bounded(
      `\\bcontents? of ["'\`]?(?:~/|/etc/|\\.env|\\.ssh|the (?:user'?s )?(?:private|ssh|config|credentials))`,
      `\\b(?:your|the user'?s|all(?: the)?|any) (?:\\w{1,20} ){0,2}(?:api keys?|private keys?|credentials|ssh keys?|environment variables|cookies|passwords)\\b${gap}\\b(?:available|known|you have|found|in context|from (?:the )?(?:environment|context|memory))`,
    ),
  },
  {
    name: "other-tools",
    score: 0.6,
    pattern: bounded(
      `\\b(?:before|prior to|when|whenever|each time|every time|after|if)\\b (?:you )?(?:using|calling|invoking|running|use|call|invoke|run)\\b (?:any|every|all|another|each|other)\\b${gap}\\btools?\\b`,
      `\\b(?:any|all|every|each|other|another) (?:\\w{1,20} ){0,2}tools?\\b${gap}\\b(?:must|should(?: not)?|never|always|need to|are (?:deprecated|broken|unsafe|disabled))\\b`,
      `\\b(?:do not|don't|never) (?:use|call|invoke|trust)\\b (?:the |any )?(?:other|original|built-?in|["'\`]?\\w{1,40}[._]\\w{1,40}["'\`]?)\\b${gap}\\btools?\\b`,
    ),
  },
  {
    name: "shadows",
    score: 0.75,
    pattern: bounded(
      `\\b(?:when|whenever|if|while|each time|every time)\\b (?:the )?["'\`]?\\w{1,40}[._]\\w{1,40}["'\`]? (?:tool )?(?:is|gets|was) (?:called|used|invoked|run|present|available|connected)\\b(?!,? this tool)${gap}\\b(?:must|change|send|instead|always|forward|redirect)\\b`,
      `\\b(?:changes?|modif(?:y|ies)|overrides?|affects?) the (?:behaviou?r|description|instructions) of\\b${gap}\\btools?\\b`,
    ),
  },
  {
    name: "prefers-itself",
    score: 0.45,
    pattern: bounded(
      `\\b(?:always|only) (?:use|call|prefer|trust) this (?:one|tool)\\b`,
      `\\bthis tool (?:must|should) (?:always )?be (?:used|called|preferred) (?:instead|before (?:any|all|every))\\b`,
    ),
  },
  {
    name: "conceals",
    score: 0.8,
    pattern: bounded(
      `\\b${negated}\\b (?:explicitly |ever |directly )?(?:tell|inform|notify|alert|warn)(?:ing)?\\b (?:the |any |your )?(?:users?|humans?|anyone|anybody|customers?|owner|operator)\\b`,
      `\\b${negated}\\b (?:explicitly |ever |directly )?(?:mention|reveal|disclos|explain|show|expos)(?:e|ing)?\\b${gap}\\b(?:to (?:the )?(?:users?|human|anyone|customers?)|that you|this|it|access\\w{0,4})\\b`,
      `\\b(?:present|format|disguise|phrase|make)\\b (?:it|them|the (?:information|result|output|data))\\b${gap}\\b(?:as if|as though|look like|appear (?:as|like|to be)|seem)\\b`,
      `\\b(?:user|human|customer) (?:must|should|does|do|need|is) ?n[o']t? ?(?:to |be )?(?:know|see|notice|aware|told|informed)\\b`,
      `\\b(?:secretly|covertly|discreetly|stealthily)\\b`,
      `\\bwithout (?:the )?(?:user'?s|their|owner'?s) (?:knowledge|consent|noticing)\\b`,
    ),
  },
  {
    name: "redirects",
    score: 0.75,
    pattern: bounded(
      `\\b(?:${order}|instead)\\b${gap}\\b(?:send|forward|bcc|cc|post|upload|deliver|route|copy|redirect|change)\\b[^!?\\n]{0,80}\\b(?:[\\w.+-]{1,40}@[\\w-]{1,40}\\.[a-z]{2,}|https?://\\S{1,80})`,
    ),
  },
  {
    name: "triggers",
    score: 0.5,
    pattern: bounded(
      `\\bif\\b${gap}\\b(?:contains?|includes?|is|mentions?)\\b[^"'\\n]{0,60}["'][^"'\\n]{1,60}["'][^.!?"']{0,80}\\b(?:you )?(?:must|should|always)\\b`,
      `\\b(?:you|the (?:assistant|model|ai|agent)) (?:must|should|have to|need to) (?:first|always|also|now|immediately)\\b`,
    ),
  },
  {
    name: "purpose",
    score: 0.4,
    pattern: bounded(
      `\\bwithout (?:\\w{1,20} )?(?:detection|being detected|authori[sz]ation|alerting|raising (?:suspicion|alarms?)|permission|oversight|consent)\\b`,
      `\\b(?:sabotag|exfiltrat|ransomware|unauthori[sz]edly|mislead(?:ing)?|deceptive|tamper with|steal(?:ing|s)?|siphon|evad(?:e|ing) detection|illicit|malicious(?:ly)? (?:alter|insert|modif|delet|disrupt))`,
    ),
  },
];

function bounded(...patterns: readonly string[]): RegExp {
  return new RegExp(patterns.join("|"), "i");
}
