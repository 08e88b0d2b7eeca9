import type { Mutation } from "./mutations.ts";

export const containerServiceMutations: readonly Mutation[] = [
  {
    takesOut: "a service gets out during a call alone",
    file: "sandbox/container/service/turn-door.ts",
    from: `        this.#current = undefined;
`,
    to: "",
    test: "tests/security/container-service.test.ts",
  },
  {
    takesOut: "calls of a service have their turns",
    file: "sandbox/container/service/turn-door.ts",
    from: "new Gate(1)",
    to: "new Gate(9)",
    test: "tests/security/container-service.test.ts",
  },
  {
    takesOut: "a service that ended gets out for nobody",
    file: "sandbox/container/service/turn-door.ts",
    from: 'if (this.signal.aborted) throw new Refusal("CANCELLED");',
    to: "",
    test: "tests/security/container-service.test.ts",
  },
  {
    takesOut: "the way out of a service ends with its container",
    file: "sandbox/container/service/instance.ts",
    from: "await Promise.all([launched.kill(), socket?.close()]);",
    to: "await launched.kill();",
    test: "tests/security/container-service.test.ts",
  },
  {
    takesOut: "a service that ends is killed",
    file: "sandbox/container/service/instance.ts",
    from: "await Promise.all([launched.kill(), socket?.close()]);",
    to: "await socket?.close();",
    test: "tests/security/container-service.test.ts",
  },
  {
    takesOut: "a refused start leaves no way out",
    file: "sandbox/container/service/instance.ts",
    from: `    await socket?.close();
    throw error;`,
    to: "    throw error;",
    test: "tests/security/container-service.test.ts",
  },
  {
    takesOut: "pauses between starts grow",
    file: "sandbox/container/service/start-service.ts",
    from: "servicePauseMs * 2 ** (failures - 1)",
    to: "servicePauseMs",
    test: "tests/security/container-service.test.ts",
  },
  {
    takesOut: "pauses between starts have a ceiling",
    file: "sandbox/container/service/start-service.ts",
    from: "servicePauseMs * 2 ** (failures - 1), servicePauseMsCeiling",
    to: "servicePauseMs * 2 ** (failures - 1), 2 ** 40",
    test: "tests/security/container-service.test.ts",
  },
  {
    takesOut: "health in silence is none",
    file: "sandbox/container/service/start-service.ts",
    from: "await Promise.race([answer, silence])",
    to: "await answer",
    test: "tests/security/container-service.test.ts",
  },
];
