import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import Docker from "dockerode";
import { type Test, test } from "tap";
import { busyboxImage } from "../support/busybox-image.ts";
import type { TestEngine } from "../support/engine.ts";
import { onEachTier } from "./container-attacks.ts";
import { call, compileIntruder } from "./isolate-intruder.ts";

/** All that an image can say of how it wants to be run. */
const config = {
  User: "0:0",
  Entrypoint: ["/bin/evil"],
  Cmd: ["evil"],
  WorkingDir: "/proc/self/fd/7",
  Env: ["LD_PRELOAD=/evil.so", "PATH=/evil", "HOME=/root", "NODE_OPTIONS=--require /evil.js"],
  Volumes: { "/data": {}, "/work/deep": {} },
  Healthcheck: { Test: ["CMD-SHELL", "touch /work/checked"], Interval: 1_000_000, Retries: 9 },
  Labels: { "ringward.instance": "another", "ringward.slot": "another" },
  StopSignal: "SIGCONT",
  ExposedPorts: { "80/tcp": {} },
  OnBuild: ["RUN evil"],
  Shell: ["/bin/evil"],
  Tty: true,
  OpenStdin: false,
};

const geteuid = process.arch === "arm64" ? "175" : "107";
const programs = {
  setuid: `ls -l /bin/raised; /bin/raised intruder x x ${geteuid} '${call("setresuid", 0, 0, 0)}'`,
  groups: "grep -E '^(Gid|Groups):' /proc/self/status",
  wishes: `id -u; pwd; env | grep -i evil; echo x 2> /dev/null > /data/x && echo written
    sleep 0.3; ls /work; cat /proc/1/cmdline | tr '\\0' ' ' | cut -c 1-30`,
  masks: `for path in /proc/keys /proc/timer_list /proc/kallsyms /proc/partitions; do
      [ -z "$(head -c 64 $path 2> /dev/null | tr -d '\\0')" ] || echo seen $path
    done; ls -A /sys/firmware /sys/block; ls /etc/passwd /work/passwd 2> /dev/null; echo tried`,
};

/** What is changed in it beside its configuration. */
type Fill = (root: string) => void;

/** Made of the small one; gone with the test. */
async function hostileImage(t: Test, engine: TestEngine, fill: Fill): Promise<string> {
  const docker = new Docker({ socketPath: engine.socket });
  const folder = mkdtempSync(join(tmpdir(), "ringward-image-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const root = join(folder, "root");
  mkdirSync(root);
  fill(root);
  const archive = `${root}.tar`;
  execFileSync("tar", ["--create", "--file", archive, "--owner=0", "--group=0", "-C", root, "."]);
  const base = await docker.createContainer({ Image: await busyboxImage(engine) });
  try {
    const stream = createReadStream(archive);
    await base.putArchive(stream, { path: "/" });
    await finished(stream.resume());
    const asked = { _query: { container: base.id }, _body: config };
    const { Id } = (await base.commit(asked as object)) as { Id: string };
    t.teardown(() => docker.getImage(Id).remove({ force: true }));
    return Id;
  } finally {
    await base.remove({ force: true, v: true });
  }
}

onEachTier(
  (name, run) => test(`an image with wishes of its own ${name}`, run),
  (t) => {
    const raised = compileIntruder(t);
    if (raised === undefined) return undefined;
    const fill: Fill = (root) => {
      mkdirSync(join(root, "bin"));
      copyFileSync(raised, join(root, "bin", "raised"));
      chmodSync(join(root, "bin", "raised"), 0o6755);
      mkdirSync(join(root, "etc"));
      // Who looks for a number by its name finds root's group, the disks' and an engine's.
      const groups = ["65532:x:0:", "65532:x:6:", "65532:x:999:", "disk:x:6:65532,sandbox"];
      writeFileSync(join(root, "etc", "group"), `${groups.join("\n")}\n`);
      writeFileSync(join(root, "etc", "passwd"), "sandbox:x:65532:0::/:/bin/sh\n");
      mkdirSync(join(root, "data"), { mode: 0o777 });
      chmodSync(join(root, "data"), 0o777);
    };
    return { programs, image: (engine) => hostileImage(t, engine, fill) };
  },
  async (t, { attack, launcher, tier }) => {
    const docker = new Docker({ socketPath: launcher.options.engine });
    const volumes = async (): Promise<number> => (await docker.listVolumes()).Volumes.length;
    const before = await volumes();
    const { said: raised } = await attack("C03", "setuid");
    t.match(raised, /^-rws.*root|^-rws.* 0 /, "the program is root's, and would raise who runs it");
    t.match(raised, /\n65532\n-1\n$/, "and raises nobody");
    const { said: groups } = await attack("C03", "groups");
    t.match(groups, /^Gid:\t65532\t65532\t65532\t65532\nGroups:\t *65532 *\n$/);
    const { said: wishes } = await attack("C26", "wishes");
    t.match(wishes, /^65532\n\/work\n(?!.*evil)/s);
    t.notMatch(wishes, /written|checked/);
    t.equal(await volumes(), before, "no volume was made");

    const launched = await launcher.launch({ tier });
    const found = await docker.getContainer(launched.container).inspect();
    t.strictSame(found.Config.Labels["ringward.instance"], launcher.options.instance);
    t.match(found.Config.Healthcheck, { Test: ["NONE"] });
    t.strictSame(found.State.Health, undefined);
    t.match(found.Config, { StopSignal: "SIGKILL", Tty: false });
    await launched.kill();
  },
);

onEachTier(
  (name, run) => test(`an image whose folders lead elsewhere ${name}`, run),
  (t) => {
    const fill: Fill = (root) => {
      mkdirSync(join(root, "etc"));
      for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, name));
    };
    return { programs, image: (engine) => hostileImage(t, engine, fill) };
  },
  async (t, { attack }) => {
    for (let start = 0; start < 5; start += 1) {
      const { said, result } = await attack("C14", "masks");
      if (result.kind === "output") t.notMatch(said, /seen|passwd/);
    }
  },
);

/** Where the engine mounts or masks something, a link that leads to the host's, could it be followed. */
const links: Readonly<Record<string, string>> = {
  ...{ proc: "/etc", sys: "../../../../etc", work: "/../../../../../../etc" },
  ...{ run: "/proc/1/root", workspace: "/", "etc/resolv.conf": "/proc/1/root/etc/passwd" },
  ...{ "etc/hosts": "../../../../../etc/shadow", "etc/hostname": "/dev/console" },
};
