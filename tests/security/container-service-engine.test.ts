// The same service on an engine: what ends it, and that nothing of it stays.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Test, test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { createEgressProxy } from "../../sandbox/broker/proxy/create-egress-proxy.ts";
import type { Service, ServiceInstance, Wait } from "../../sandbox/container/service/service.ts";
import { startService } from "../../sandbox/container/service/start-service.ts";
import { busyboxImage } from "../support/busybox-image.ts";
import { engineFor, type TestEngine } from "../support/engine.ts";
import { requestOf, testLauncher } from "../support/test-launcher.ts";

/** Says back what it is told; may be killed, and may stop to answer. */
const script = `
read told
while read line; do
  case "$line" in
    told) echo "$told" ;;
    die) kill -9 $$ ;;
    sulk) sulks=1 ;;
    ping) [ -n "$sulks" ] && echo no || echo pong ;;
    *) echo "$line" ;;
  esac
done`;

const never = new AbortController().signal;

interface Running {
  readonly service: Service;
  names(): Promise<readonly string[]>;
}

async function serviceOn(t: Test, engine: TestEngine): Promise<Running> {
  const image = await busyboxImage(engine);
  const tools = [{ script, lifecycle: "service", isNetworked: true } as const];
  const at = await testLauncher(t, { engine: engine.socket, image, tools });
  const onBug = (error: unknown): void => void t.error(error as Error);
  const proxy = createEgressProxy({ folder: join(at.folder, "out"), onBug });
  const { slot: _, ...request } = requestOf({ network: true });
  const isHealthy = async (instance: ServiceInstance): Promise<boolean> =>
    (await ask(instance, "ping")) === "pong";
  const { launcher, names } = at;
  const service = startService({ launcher, proxy, request, isHealthy, onBug, wait });
  t.teardown(async () => {
    await service.close();
    await proxy.close();
  });
  return { service, names };
}

/** Asks often whether it is healthy, and is patient otherwise. */
const wait: Wait = async (ms, signal) => {
  await sleep(ms === containerLimits.serviceHealthMs ? 50 : ms, undefined, { signal });
};

/** The next line that it says; questions have their turns. */
function ask(instance: ServiceInstance, line: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let said = "";
  instance.onOutput((_, bytes) => {
    said += Buffer.from(bytes).toString();
    if (said.includes("\n")) resolve(said.trimEnd());
  });
  instance.send(line);
  return promise;
}

async function ended(instance: ServiceInstance): Promise<void> {
  while (!instance.signal.aborted) await sleep(10);
}

test("a service on an engine answers, dies, sulks, is started again, and is gone", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const { service, names } = await serviceOn(t, engine);
  const first = await service.ready(never);
  t.equal((await names()).length, 1);
  first.send("die");
  await ended(first);
  const second = await service.ready(never);
  t.match(service.state, { phase: "running", lastEnd: { detail: /exit code 137/ } });
  t.equal((await names()).length, 1, "and nothing of the first is left");
  second.send("sulk");
  await ended(second);
  const third = await service.ready(never);
  t.match(service.state, { lastEnd: { detail: "the service did not say that it is healthy" } });
  t.notOk(third.signal.aborted);
  await service.close();
  t.strictSame(await names(), []);
});

test("a service on an engine is told its credential in its first line, a new one each time", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const { service } = await serviceOn(t, engine);
  const credentials: string[] = [];
  for (let n = 0; n < 2; n += 1) {
    const instance = await service.ready(never);
    credentials.push(await instance.during(undefined, () => ask(instance, "told")));
    instance.send("die");
    await ended(instance);
  }
  t.match(credentials, [/^\{"credential":"[\w-]{43}"\}$/, /^\{"credential":"[\w-]{43}"\}$/]);
  t.not(credentials[0], credentials[1]);
});
