// What docker-compose.yml and the Dockerfile grant, held by rules; tests/composition-up.test.ts shows
// it on an engine.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { readConfig } from "../gateway/config/config.ts";
import {
  type ComposeMount,
  readCompose,
  type Service,
} from "./support/composition/compose-file.ts";
import { bytesOf, createBody } from "./support/composition/create-body.ts";
import {
  copiedPaths,
  imageConfig,
  ownedFolders,
  readStages,
} from "./support/composition/dockerfile.ts";
import { root } from "./support/source-files.ts";

const folder = "/srv/elsewhere";
const { services, networks, volumes } = readCompose({ RINGWARD_FOLDER: folder });
const named = Object.entries(services);

function mountsOf(service: Service | undefined): readonly ComposeMount[] {
  return service?.volumes ?? [];
}

/** The services that have something mounted at or beneath a source. */
function whoHas(source: string, isWritable = false): readonly string[] {
  const has = (one: ComposeMount): boolean =>
    one.source === source && !(isWritable && one.read_only === true);
  return named.filter(([, service]) => mountsOf(service).some(has)).map(([name]) => name);
}

test("every service is confined, and says how much it may use", (t) => {
  t.strictSame(Object.keys(services), ["gateway", "launcher", "agent"]);
  for (const [name, service] of named) {
    t.equal(service["read_only"], true, `${name}: its root cannot be written`);
    t.strictSame(service["cap_drop"], ["ALL"], `${name}: no capability`);
    t.ok((service["security_opt"] as string[]).includes("no-new-privileges:true"), name);
    t.match(service["user"], /^[1-9]\d{3,}:[1-9]\d{3,}$/, `${name}: a user by number, not root`);
    t.equal(service["mem_limit"], service["memswap_limit"], `${name}: no swap`);
    t.ok(bytesOf(service["mem_limit"] as string) <= 2 ** 31, `${name}: bounded memory`);
    t.ok((service["pids_limit"] as number) <= 512, `${name}: bounded processes`);
    t.ok(
      (service["tmpfs"] as string[]).every((one) => /:size=\d+m,.*noexec,nosuid,nodev$/.test(one)),
      `${name}: bounded scratch, from which nothing runs`,
    );
    t.doesNotThrow(() => createBody(service, ""), `${name}: nothing that no test knows`);
  }
  t.end();
});

test("the engine's socket is the launcher's alone, and the launcher is on no network", (t) => {
  t.strictSame(whoHas("/var/run/docker.sock"), ["launcher"]);
  t.equal(services["launcher"]?.["network_mode"], "none");
  t.equal(services["launcher"]?.networks, undefined);
  t.strictSame(
    named.filter(([, service]) => service["group_add"] !== undefined).map(([name]) => name),
    ["launcher"],
  );
  t.end();
});

test("the launcher alone sees the machine's processes, to read what its containers use", (t) => {
  for (const key of ["pid", "cgroup"]) {
    const who = named.filter(([, service]) => service[key] !== undefined);
    t.strictSame(
      who.map(([name, service]) => [name, service[key]]),
      [["launcher", "host"]],
    );
  }
  t.strictSame(whoHas("/sys/fs/cgroup"), ["launcher"]);
  t.strictSame(whoHas("/sys/fs/cgroup", true), [], "to read");
  t.end();
});

test("the agent meets the gateway on a network that leads nowhere, and nobody else", (t) => {
  const on = (network: string): readonly string[] =>
    named.filter(([, service]) => service.networks?.includes(network)).map(([name]) => name);
  t.strictSame(services["agent"]?.networks, ["agents"]);
  t.strictSame(on("agents"), ["gateway", "agent"]);
  t.strictSame(on("outside"), ["gateway"]);
  t.equal(networks["agents"]?.internal, true);
  const options = networks["agents"]?.driver_opts ?? {};
  t.equal(options["com.docker.network.bridge.inhibit_ipv4"], "true", "not even the host is there");
  t.strictSame(services["agent"]?.["dns"], ["127.0.0.1"], "nobody is asked for a name");
  t.strictSame(services["gateway"]?.["sysctls"], { "net.ipv4.ip_forward": "0" });
  t.end();
});

test("the agent's user is its own, and of the deployment it sees a certificate", (t) => {
  const { agent, gateway, launcher } = services;
  t.not(agent?.["user"], gateway?.["user"]);
  t.equal(gateway?.["user"], launcher?.["user"], "the link between the two is one user's alone");
  t.strictSame(
    mountsOf(agent).map(({ source, read_only }) => [source, read_only]),
    [[`${folder}/tls/cert.pem`, true]],
  );
  t.end();
});

test("what says what is allowed is mounted from outside, and nobody can write it", (t) => {
  for (const name of ["ringward.yaml", "manifests", "policies", "images.json"]) {
    t.strictSame(whoHas(`${folder}/${name}`), ["gateway", "launcher"], name);
    t.strictSame(whoHas(`${folder}/${name}`, true), [], name);
  }
  t.strictSame(whoHas(`${folder}/tls`), ["gateway"]);
  t.strictSame(whoHas(`${folder}/tls`, true), []);
  t.end();
});

test("what is written has one writer", (t) => {
  t.strictSame(Object.keys(volumes), ["state", "link"]);
  t.strictSame(whoHas("state"), ["gateway"]);
  t.strictSame(whoHas("link"), ["gateway", "launcher"]);
  for (const name of ["workspace", "sockets"]) {
    t.strictSame(whoHas(`${folder}/${name}`), ["gateway", "launcher"], name);
    t.strictSame(whoHas(`${folder}/${name}`, true), ["gateway"], name);
  }
  t.end();
});

test("nothing is mounted that is not there, or at another path than the engine's", (t) => {
  for (const [name, service] of named) {
    for (const mount of mountsOf(service).filter(({ type }) => type === "bind")) {
      const { source, target, bind } = mount as ComposeMount & { bind?: object };
      t.strictSame(bind, { create_host_path: false }, `${name}: ${source}`);
      if (name !== "agent" && source.startsWith(folder)) t.equal(target, source);
    }
  }
  t.end();
});

test("the doors are where the composition has them", async (t) => {
  const { listen, state, containers } = await readConfig(join(root, "deploy", "ringward.yaml"));
  t.equal(listen.operators.host, "127.0.0.1", "no network leads to the operators' door");
  t.strictSame(services["gateway"]?.["ports"], [`127.0.0.1:${listen.agents.port}:8700`]);
  t.ok(listen.tls, "what leaves the container is encrypted");
  const targets = mountsOf(services["gateway"]).map(({ target }) => target);
  t.ok(
    targets.some((target) => state.startsWith(`${target}/`)),
    "the state outlives the container",
  );
  const launcher = containers?.launcher ?? "";
  t.ok(
    targets.some((target) => launcher.startsWith(`${target}/`)),
    "and the link is shared",
  );
  t.end();
});

test("the gateway's filter lets jails be made, and nothing else of a kernel's inside", (t) => {
  const { defaultAction, syscalls } = JSON.parse(
    readFileSync(join(root, "deploy", "seccomp-gateway.json"), "utf8"),
  ) as { defaultAction: string; syscalls: { names: string[]; action: string; args?: object[] }[] };
  t.equal(defaultAction, "SCMP_ACT_ERRNO");
  const allowed = syscalls.filter(({ action }) => action === "SCMP_ACT_ALLOW");
  const names = new Set(allowed.flatMap((one) => one.names));
  const dangerous =
    "bpf keyctl add_key request_key ptrace process_vm_readv process_vm_writev perf_event_open " +
    "userfaultfd io_uring_setup open_by_handle_at name_to_handle_at init_module finit_module " +
    "delete_module kexec_load reboot swapon settimeofday clock_settime setns mknod mknodat " +
    "move_mount fsopen open_tree personality kcmp pidfd_getfd";
  t.strictSame(
    dangerous.split(" ").filter((name) => names.has(name)),
    [],
  );
  t.ok(["unshare", "mount", "pivot_root"].every((name) => names.has(name)));
  const sockets = allowed.filter((one) => one.names.includes("socket"));
  t.ok(
    sockets.length > 0 && sockets.every(({ args = [] }) => args.length === 1),
    "of four families",
  );
  const usual = ["no-new-privileges:true"];
  const filter = "seccomp=deploy/seccomp-gateway.json";
  const granted = [...usual, filter, "systempaths=unconfined", "apparmor=unconfined"];
  t.strictSame(services["gateway"]?.["security_opt"], granted);
  t.strictSame(services["launcher"]?.["security_opt"], usual, "the engine's own filter");
  t.strictSame(services["agent"]?.["security_opt"], usual);
  t.end();
});

test("the image is built in stages on a base that is named by its digest, and is nobody's", (t) => {
  const text = readFileSync(join(root, "Dockerfile"), "utf8");
  t.match(text, /^ARG NODE_IMAGE$/m, "no default: a tag moves");
  t.match(text, /case "\$\{NODE_IMAGE\}" in \*@sha256:\*\) ;; \*\) .*exit 1/, "and it is checked");
  const stages = readStages();
  t.equal(stages.length, 2);
  t.ok(stages.every(([from]) => /^\$\{NODE_IMAGE\} AS /.test(from?.words ?? "")));
  const stage = stages[1] ?? [];
  const { User, Entrypoint, Healthcheck } = imageConfig(stage);
  t.equal(User, services["gateway"]?.["user"]);
  t.match(Entrypoint, ["node", /bin\/ringward\.js$/]);
  t.match(Healthcheck, { Test: ["CMD", "node", /deploy\/healthy\.js$/] }, "without a shell");
  t.strictSame(
    ownedFolders(stage).map(({ path, mode, owner }) => [path, mode, `${owner}:${owner}`]),
    ["/var/lib/ringward", "/run/ringward"].map((path) => [path, "0700", User]),
    "new volumes belong to the one user who may write them",
  );
  t.end();
});

test("the image is made of what the project ships, and of nothing of a machine's", (t) => {
  const stage = readStages()[1] ?? [];
  const made = ["node_modules", "dist"];
  const copied = copiedPaths(stage).filter((path) => !made.includes(path));
  t.strictSame(
    copied.filter((path) => !existsSync(join(root, path))),
    [],
  );
  const [all, ...kept] = readFileSync(join(root, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  t.equal(all, "*");
  t.ok(kept.every((line) => line.startsWith("!") && existsSync(join(root, line.slice(1)))));
  const first = copied.map((path) => `!${path.split("/")[0]}`);
  t.strictSame(
    first.filter((line) => !kept.includes(line)),
    [],
    "the builder is sent each of them",
  );
  t.end();
});
