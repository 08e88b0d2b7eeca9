import type { Mutation } from "./mutations.ts";

const group = "sandbox/isolate/jail/control-group.ts";
const groupHost = "sandbox/isolate/jail/control-group-host.ts";
const program = "sandbox/isolate/filter/filter-program.ts";
const outer = "sandbox/isolate/proof/outer-walls.ts";
const launch = "sandbox/isolate/jail/launch.ts";

const cgroup = "tests/security/isolate-cgroup.test.ts";
const programTest = "sandbox/isolate/filter/system-call-filter.test.ts";
const seccomp = "tests/security/isolate-seccomp.test.ts";
const holes = "tests/security/isolate-jail-walls.test.ts";

/** What stands around the launchers, and what is read of it from outside. */
export const launchersMutations: readonly Mutation[] = [
  {
    takesOut: "memory of all of a worker's processes",
    ...{ file: groupHost, from: '["memory.limit_in_bytes", memory],', to: "" },
    test: cgroup,
  },
  {
    takesOut: "groups of a killed gateway are removed",
    ...{ file: group, from: "for (const { folder } of this.#hosts) sweep(folder);", to: "" },
    test: cgroup,
  },
  {
    takesOut: "what outlives its launcher is ended",
    file: "sandbox/isolate/jail/spawn-jailed.ts",
    from: '  child.once("exit", () => group?.end());\n',
    to: "",
    test: cgroup,
  },
  {
    takesOut: "what a killed gateway left in its groups is ended",
    ...{ file: group, from: "    endAll(join(folder, name));\n", to: "" },
    test: cgroup,
  },
  {
    takesOut: "another machine's calls end it",
    file: program,
    from: 'skipUnless(op.equal, machine, 1)],\n    ...[skip(1), end("kill")],',
    to: "skipUnless(op.equal, machine, 0)],",
    test: programTest,
  },
  {
    takesOut: "another table's calls end it",
    file: program,
    from: ', skipUnless(op.atLeast, foreignFrom, 1), end("kill")]',
    to: "]",
    test: programTest,
  },
  {
    takesOut: "a missing filter is noticed",
    ...{ file: outer, from: 'field("Seccomp"), is(2)', to: 'field("Seccomp"), () => true' },
    test: seccomp,
  },
  {
    takesOut: "a stranger in the view is noticed",
    ...{ file: outer, from: "!view.includes(point)", to: "false" },
    test: holes,
  },
  {
    takesOut: "a writable mount is noticed",
    ...{ file: outer, from: "filter(({ isReadOnly }) => !isReadOnly)", to: "filter(() => false)" },
    test: holes,
  },
  {
    takesOut: "root's group is noticed",
    ...{ file: outer, from: '["Uid", "Gid", "Groups"]', to: '["Uid"]' },
    test: holes,
  },
  {
    takesOut: "root leaves its ids",
    ...{ file: launch, from: '"--regid=65534", ', to: "" },
    test: "tests/security/isolate-jail.test.ts",
  },
];
