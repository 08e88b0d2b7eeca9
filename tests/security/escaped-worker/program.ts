// What an attacker runs who owns the worker process itself: with exactly its rights, with all of
// Node, and with its pipes. Sent into the jail as text; imported by nobody. For each way it says
// what it got, or how it was held off.
import { fileWays } from "./file-ways.ts";
import { networkWays } from "./network-ways.ts";
import { closeForeign, readFrame, say } from "./pipes.ts";
import { processWays } from "./process-ways.ts";
import { rightWays } from "./right-ways.ts";
import { type Aims, nameOf, type Ways } from "./ways.ts";

// Rights first: it looks for descriptors, and the others leave some open.
const ways: Ways = { ...rightWays, ...networkWays, ...fileWays, ...processWays };

/** Nothing of it is worth having where all of it failed. */
async function tryWay(way: Ways[string], aims: Aims): Promise<string> {
  try {
    const got = await Promise.race([way(aims), silence()]);
    const all = Array.isArray(got) ? got.map(String) : [];
    const isHeldOff = all.length > 0 && all.every((one) => /^E[A-Z]+$/.test(one));
    return isHeldOff ? all.join(" ") : `GOT ${JSON.stringify(got) ?? "it"}`.slice(0, 200);
  } catch (error) {
    return nameOf(error);
  }
}

function silence(): Promise<never> {
  return new Promise((_, reject) => setTimeout(reject, 3_000, new Error("silence")));
}

closeForeign();
say(readFrame().channel, ["ready"]);
const call = readFrame();
const aims = JSON.parse(call.input) as Aims;
const results: Record<string, string> = {};
for (const [name, way] of Object.entries(ways)) {
  if (aims.ways?.includes(name) ?? true) results[name] = await tryWay(way, aims);
}
results["the call's frame"] = Object.keys(call).sort().join(" ");
say(call.channel, ["output", JSON.stringify(results), ""]);
