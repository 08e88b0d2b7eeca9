import type { Mutation } from "./mutations.ts";

const launch = "sandbox/isolate/jail/launch.ts";
const bubblewrap = "sandbox/isolate/jail/bubblewrap.ts";
const utilLinux = "sandbox/isolate/jail/util-linux.ts";
const spawn = "sandbox/isolate/jail/spawn-jailed.ts";
const view = "sandbox/isolate/jail/view.ts";
const group = "sandbox/isolate/jail/control-group.ts";
const groupHost = "sandbox/isolate/jail/control-group-host.ts";
const jail = "sandbox/isolate/jail/jail.ts";

const holes = "tests/security/isolate-jail-walls.test.ts";
const standing = "tests/security/isolate-jail.test.ts";
const intruder = "tests/security/isolate-jail-intruder.test.ts";
const cgroup = "tests/security/isolate-cgroup.test.ts";
const descriptors = "tests/security/isolate-jail-descriptors.test.ts";
const rootAlone = "tests/security/isolate-root-alone.test.ts";

/** What the launchers are told beside their walls, and what a worker is started with. */
export const jailMutations: readonly Mutation[] = [
  {
    takesOut: "root leaves its user id",
    ...{ file: launch, from: '"--reuid=65534", ', to: "" },
    test: holes,
  },
  {
    takesOut: "root leaves its groups",
    ...{ file: launch, from: ', "--clear-groups"]', to: "]" },
    test: holes,
  },
  {
    takesOut: "files of the view are read-only",
    ...{ file: launch, from: "bind,ro,nosuid,nodev", to: "bind,nosuid,nodev" },
    test: holes,
  },
  {
    takesOut: "nobody's user id (bubblewrap)",
    ...{ file: bubblewrap, from: '"--uid", "65534"', to: '"--uid", "0"' },
    test: standing,
  },
  {
    takesOut: "nobody's group id (bubblewrap)",
    ...{ file: bubblewrap, from: '"--gid", "65534"', to: '"--gid", "0"' },
    test: standing,
  },
  {
    takesOut: "no further user namespace (bubblewrap)",
    file: bubblewrap,
    from: '...(forbidsUserSpaces(path) ? ["--disable-userns"] : [])',
    to: "...(forbidsUserSpaces(path) ? [] : [])",
    test: intruder,
  },
  {
    takesOut: "binds are read-only (bubblewrap)",
    ...{ file: bubblewrap, from: '["--ro-bind", isStaged', to: '["--bind", isStaged' },
    test: holes,
  },
  {
    takesOut: "the last user namespace (util-linux)",
    ...{ file: utilLinux, from: '[unshare, "--user", `--root=/${', to: "[unshare, `--root=/${" },
    test: holes,
  },
  {
    takesOut: "a session of its own (util-linux)",
    ...{ file: spawn, from: "detached: true", to: "detached: false" },
    test: holes,
  },
  {
    takesOut: "a group of its own",
    ...{ file: spawn, from: "jail.launcher ? controlGroups().make() : undefined", to: "undefined" },
    test: cgroup,
  },
  {
    takesOut: "inherited descriptors are known",
    ...{ file: jail, from: 'addonInView, inherited.join(",")', to: 'addonInView, ""' },
    test: descriptors,
  },
  {
    takesOut: "the same without walls",
    ...{ file: jail, from: "addonPath(), inherited, ...words", to: 'addonPath(), "", ...words' },
    test: descriptors,
  },
  {
    takesOut: "inherited descriptors are closed",
    file: "sandbox/isolate/worker/close-inherited.ts",
    from: "closeSync(Number(number));",
    to: "if (!number) closeSync(0);",
    test: descriptors,
  },
  {
    takesOut: "no variable is left",
    file: "sandbox/isolate/worker/close-inherited.ts",
    ...{ from: "    delete process.env[name];\n", to: "" },
    test: standing,
  },
  {
    takesOut: "what only root can read is staged",
    ...{ file: view, from: "(statSync(path).mode & 0o004) !== 0 && ", to: "" },
    test: rootAlone,
  },
  {
    takesOut: "folders that only root can enter are staged",
    ...{ file: view, from: "(statSync(path).mode & 0o001) !== 0", to: 'path !== ""' },
    test: rootAlone,
  },
  {
    takesOut: "processes of a group are bounded",
    ...{ file: groupHost, from: '[["pids.max", processes]]', to: "[]" },
    test: cgroup,
  },
  {
    takesOut: "swap counts as memory",
    ...{ file: groupHost, from: '    ["memory.swap.max", "0"],\n', to: "" },
    test: cgroup,
  },
  {
    takesOut: "memory of a group is bounded",
    ...{ file: groupHost, from: '    ["memory.max", memory],\n', to: "" },
    test: cgroup,
  },
  {
    takesOut: "a group's processes are bounded, in one tree",
    ...{ file: groupHost, from: '    ["pids.max", processes],\n', to: "" },
    test: cgroup,
  },
  {
    takesOut: "a folder of groups is ours to write to",
    ...{ file: groupHost, from: "!isWritable(folder)", to: 'folder === ""' },
    test: cgroup,
  },
  {
    takesOut: "a group that cannot be made stops the start",
    ...{ file: group, from: "  mkdirSync(folder);\n", to: "" },
    test: cgroup,
  },
];
