import { type Entry, networkCatalogue } from "./catalogue-network.ts";

/**
 * The attacks that the sandbox is held to, by the file that tries them: a short name, the ring
 * that holds, the ways in which the call may end, and what must stay true. `I` tries to reach out,
 * `R` uses things up, `D` plays with what crosses the border, `X` is what we thought of beyond, `G`
 * goes through the whole gateway, `F` is made up at random. `N` is about what leads out of a container
 * by its proxy, `C` about containers and the kernel beneath them.
 */
export const catalogue: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  "isolate-reach": {
    I01: ["sandbox", "completed GUEST_ERROR", "no constructor chain ends in the worker's realm"],
    I02: ["sandbox", "completed", "nor one of async functions and generators"],
    I03: ["sandbox", "completed", "code made from text sees the guest's globals alone"],
    I04: ["sandbox", "completed", "call sites tell nothing of the worker"],
    I05: ["sandbox", "completed", "a captured stack has no path of ours"],
    I06: ["sandbox", "completed", "the chain of callers ends at the tool"],
    I07: ["sandbox", "completed", "the constructor of a host function is the guest's"],
    I08: [
      "sandbox",
      "completed",
      "a host function cannot be bound, built or borrowed out of the guest",
    ],
    I09: ["sandbox", "completed", "the globals are the ones that a person has looked at"],
    I10: ["sandbox", "completed", "no object of the library can be walked to"],
    I11: ["sandbox", "GUEST_ERROR", "nothing can be imported, in any spelling"],
    I12: ["sandbox", "completed", "there is no word of a larger world"],
    I25: ["sandbox", "completed", "no name of the bootstrap can be spoken"],
  },
  "isolate-built-ins": {
    I13: [
      "sandbox",
      "completed GUEST_ERROR",
      "a generator that returns a thenable gets the guest's own",
    ],
    I14: ["sandbox", "completed GUEST_ERROR", "a changed promise sees the guest's values alone"],
    I15: [
      "sandbox",
      "completed GUEST_ERROR FILES_FAILED",
      "an array's species decides nothing outside",
    ],
    I16: ["broker", "completed GUEST_ERROR", "no trap of a proxy runs after the request has left"],
    I17: ["broker", "completed", "an object that turns into a text is that text, once"],
    I18: ["broker", "completed", "a value that changes between two reads is read once"],
    I21: ["sandbox", "completed", "errors wrapped in errors are the guest's"],
    I22: [
      "sandbox",
      "completed GUEST_ERROR",
      "there is no WebAssembly to catch an exception of ours",
    ],
    I24: ["sandbox", "completed", "the log is the only sink, and leads nowhere"],
    X01: ["sandbox", "completed GUEST_ERROR", "an error that says which limit it is says nothing"],
    X02: ["sandbox", "completed GUEST_ERROR", "no well-known symbol hooks what the bootstrap does"],
    X03: ["sandbox", "completed GUEST_ERROR HOSTCALL_LIMIT", "a full stack breaks no bookkeeping"],
    X04: [
      "sandbox",
      "completed GUEST_ERROR",
      "a tool that is replaced while it runs is still the guest's",
    ],
  },
  "isolate-pollution": {
    I19: ["sandbox", "completed GUEST_ERROR", "changed built-ins change no word of the protocol"],
    I20: ["sandbox", "completed GUEST_ERROR", "a changed prototype does not outlive the call"],
    I23: ["sandbox", "completed GUEST_ERROR", "nothing of a call runs in the next"],
  },
  "isolate-hang": {
    R01: ["sandbox", "TIMEOUT_CPU", "an endless loop ends"],
    R02: ["sandbox", "TIMEOUT_CPU OOM", "so does a flood of promise jobs"],
    R03: ["sandbox", "TIMEOUT_CPU", "and a loop wherever the language calls back"],
    R04: ["sandbox", "TIMEOUT_CPU GUEST_ERROR", "an error is thrown whose reading never ends"],
    R05: ["sandbox", "TIMEOUT_CPU", "a proxy is thrown that never ends"],
    R06: ["sandbox", "TIMEOUT_CPU GUEST_ERROR", "a stack trace is formatted without end"],
    R07: ["sandbox", "completed", "the same, left unhandled, is never read"],
    R08: ["sandbox", "GUEST_ERROR OOM TIMEOUT_CPU", "a promise that never settles is noticed"],
    R09: ["sandbox", "GUEST_ERROR", "nothing waits on shared memory"],
    R10: ["sandbox", "TIMEOUT_CPU OOM", "a pattern that backtracks ends"],
    R16: ["sandbox", "GUEST_ERROR", "deep recursion is the tool's own error"],
    R17: ["sandbox", "completed GUEST_ERROR HOSTCALL_LIMIT", "also inside what the host gave"],
    R23: ["sandbox", "completed GUEST_ERROR", "there is no timer to abuse"],
  },
  "isolate-natives": {
    R11: [
      "sandbox",
      "TIMEOUT_CPU OOM GUEST_ERROR completed",
      "a built-in that V8 cannot stop is stopped, or its result is too large",
    ],
  },
  "isolate-memory": {
    R12: ["sandbox", "OOM GUEST_ERROR TIMEOUT_CPU TIMEOUT_WALL", "a full heap ends the call"],
    R13: ["sandbox", "OOM GUEST_ERROR TIMEOUT_CPU TIMEOUT_WALL", "so does memory beside the heap"],
    R14: [
      "sandbox",
      "OOM GUEST_ERROR TIMEOUT_CPU TIMEOUT_WALL",
      "a pattern of a known crash takes nobody with it",
    ],
    R15: [
      "sandbox",
      "OOM GUEST_ERROR TIMEOUT_CPU TIMEOUT_WALL completed",
      "source that is dear to compile ends",
    ],
  },
  "isolate-floods": {
    R18: ["sandbox", "OUTPUT_LIMIT GUEST_ERROR OOM TIMEOUT_CPU", "output has an end"],
    R19: ["sandbox", "completed", "a log has an end"],
    R20: ["sandbox", "HOSTCALL_LIMIT TIMEOUT_CPU OOM", "requests have an end"],
    R21: ["sandbox", "TIMEOUT_WALL HOSTCALL_LIMIT", "a request that is never answered ends"],
    R22: ["schema", "BODY_TOO_BIG JSON_INVALID", "wild arguments never reach a sandbox"],
  },
  "isolate-workers": {
    R24: ["sandbox", "completed SANDBOX_UNAVAILABLE", "many calls of one deadline all end in it"],
    R25: ["sandbox", "completed", "isolates by the hundred leave nothing"],
    R26: ["sandbox", "SANDBOX_CRASH", "a worker that is killed ends its call once, at once"],
  },
  "isolate-codes": {
    G01: ["sandbox", "TIMEOUT_CPU", "a thenable without end"],
    G02: ["sandbox", "TIMEOUT_WALL", "a getter without end, of a tool that may use its processor"],
    G03: ["sandbox", "OOM", "a full heap"],
    G04: ["sandbox", "OUTPUT_LIMIT", "an output that is too large"],
    G05: ["sandbox", "HOSTCALL_LIMIT", "requests without end"],
    G06: ["sandbox", "GUEST_ERROR", "an error that throws when it is read"],
    G08: ["broker", "EGRESS_DENIED", "an address that the grant does not cover"],
    G09: ["broker", "FILES_DENIED", "a file that the grant does not cover"],
    G10: ["sandbox", "SANDBOX_UNAVAILABLE", "who finds no free worker was never run"],
    G11: ["sandbox", "completed", "an output whose keys name prototypes"],
  },
  "isolate-fuzz": {
    F01: [
      "sandbox",
      "completed GUEST_ERROR TIMEOUT_CPU OOM OUTPUT_LIMIT HOSTCALL_LIMIT FILES_DENIED FILES_FAILED EGRESS_DENIED EGRESS_FAILED SECRET_DENIED",
      "whatever is put together of all this ends in a known way",
    ],
  },
  "isolate-protocol": {
    R27: [
      "sandbox",
      "SANDBOX_CRASH TIMEOUT_WALL",
      "a worker that dies or breaks the protocol is gone",
    ],
  },
  "isolate-data": {
    D02: ["sandbox", "completed GUEST_ERROR", "no memory is shared, and none is handed over"],
    D03: ["sandbox", "completed GUEST_ERROR", "what is returned becomes JSON or an error"],
    D05: ["broker", "FILES_FAILED EGRESS_DENIED", "an error of the host is a code and a sentence"],
    D06: ["sandbox", "completed", "no secret of the gateway is in reach of the guest"],
  },
  "isolate-output": {
    D01: [
      "sandbox",
      "completed GUEST_ERROR",
      "a key that names the prototype is one like any other",
    ],
    D04: ["schema", "completed OUTPUT_INVALID", "what runs is what was judged and hashed"],
    D07: [
      "output",
      "completed GUEST_ERROR",
      "a secret in the output, plain or disguised, is taken out",
    ],
    D08: ["record", "GUEST_ERROR", "what an output says cannot drive a terminal"],
  },
  "container-capabilities": {
    C01: ["sandbox", "completed", "no capability, and none to gain"],
    C02: ["sandbox", "completed", "nobody's user, who becomes nobody else; every call is filtered"],
    C04: ["sandbox", "completed", "no namespace is made or entered"],
    C05: ["sandbox", "completed", "nothing is mounted, and the root stays the root"],
    C06: ["sandbox", "completed", "no device is made or opened"],
    C07: ["sandbox", "completed", "no other process is traced or read"],
    C12: ["sandbox", "completed", "no program is written over, that of the engine neither"],
    C16: ["sandbox", "completed", "parts of the kernel that escapes went through are shut"],
    C17: ["sandbox", "completed", "no socket but of files, and of TCP within itself"],
  },
  "container-kernel": {
    C08: ["sandbox", "completed", "no setting of the kernel is written"],
    C09: ["sandbox", "completed", "no control group is written, and none is made"],
    C10: ["sandbox", "completed", "what the kernel tells of the machine is masked"],
    C11: ["sandbox", "completed", "no socket of an engine's, by path, by name or by address"],
    C13: ["sandbox", "completed", "no descriptor came along, and no folder of the host's"],
    C28: ["sandbox", "completed", "the runtime and its limits are the ones that were asked for"],
  },
  "container-images": {
    C03: ["sandbox", "completed", "a set-user-id program raises nobody"],
    C14: [
      "sandbox",
      "completed ENGINE_UNAVAILABLE SANDBOX_UNAVAILABLE IMAGE_UNAVAILABLE GUEST_ERROR OUTPUT_UNREADABLE",
      "an image's links lead no mount and no mask astray",
    ],
    C26: ["sandbox", "completed", "what an image wishes of its runs is not done"],
  },
  "container-api": {
    C27: ["sandbox", "completed", "the engine is told what the profile says, and nothing else"],
  },
  "container-places": {
    C15: ["sandbox", "completed OOM", "a link leads nowhere out of the container"],
    C21: ["sandbox", "completed", "what is written has its places, a size and a number"],
  },
  "container-bombs": {
    C18: [
      "sandbox",
      "completed GUEST_ERROR OUTPUT_UNREADABLE OUTPUT_CUT SANDBOX_CRASH TIMEOUT_WALL TIMEOUT_CPU OOM",
      "processes and threads have an end",
    ],
    C19: [
      "sandbox",
      "completed OOM GUEST_ERROR SANDBOX_CRASH TIMEOUT_CPU TIMEOUT_WALL",
      "memory of every kind ends in the container's own",
    ],
    C20: ["sandbox", "TIMEOUT_WALL TIMEOUT_CPU", "three that compute have one processor"],
    C22: [
      "sandbox",
      "completed",
      "descriptors have an end, and what others share a number of is shut where it can be",
    ],
    C23: ["sandbox", "completed", "the dead are reaped"],
    C24: [
      "sandbox",
      "TIMEOUT_WALL completed",
      "who listens to no signal ends in time all the same",
    ],
  },
  "container-residue": {
    C25: ["sandbox", "completed", "nothing of a call is seen by the next"],
    X40: ["sandbox", "completed", "every namespace is the container's own"],
    X41: [
      "sandbox",
      "completed SANDBOX_CRASH OUTPUT_UNREADABLE GUEST_ERROR TIMEOUT_WALL",
      "signals end nobody but the program",
    ],
    X42: ["sandbox", "completed", "who speaks after the answer is not heard"],
    X43: ["sandbox", "completed", "what a call was told stands in no other process"],
  },
  ...networkCatalogue,
};

/** A letter and two digits. */
export type AttackId = `${"C" | "D" | "F" | "G" | "I" | "N" | "R" | "X"}${number}`;

function entryOf(id: AttackId): Entry {
  const found = Object.values(catalogue).find((group) => Object.hasOwn(group, id));
  const entry = found?.[id];
  if (!entry) throw new Error(`no attack ${id}`);
  return entry;
}

/** Refusal codes, or `completed`. */
export function endingsOf(id: AttackId): readonly string[] {
  return entryOf(id)[1].split(" ");
}

/** The title of a test: which attack it is, what must stay true, and the ring that sees to it. */
export function titleOf(id: AttackId): string {
  const [ring, , says] = entryOf(id);
  return `${id} ${says} (${ring} ring)`;
}
