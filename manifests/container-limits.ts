/** The limits of the container tiers and of their way out; as `limits.ts` has the others. */
export const containerLimits = {
  /** Of a call; where gVisor runs, its own kernel's memory comes on top, in the profile. */
  containerMemoryMbCeiling: 512,
  /** Beside a tool's own memory, where it is code that a runner runs: Node waits with half of it. */
  runnerMemoryMb: 64,
  imageNameChars: 256,
  commandWords: 32,
  commandWordChars: 4_096,
  /** Containers of calls that start, wait, run or end; a deployment may say otherwise, up to this. */
  containers: 16,
  containersCeiling: 200,
  /** Fewer would not have the memory of the largest tool that there may be, on gVisor. */
  containersLeast: 4,
  /** However many calls there are, probes and services find room for so many. */
  containersBeside: 16,
  /** What all of them together may be given, by their limits: so much for each that there may be. */
  containerShareBytes: 268_435_456,
  /** Waiting for one principal's next call of one tool; more recent demand raises it, up to this. */
  containersSparePerCordon: 4,
  /** One that nobody needed for this long is ended. */
  containerIdleMs: 60_000,
  /** Calls that may wait for a container. */
  containerQueue: 256,
  /** A call waits for a container as long as it may run, and no less than a start takes. */
  containerWaitMs: 2_000,
  /** From a call's begin to the start of the container that takes its container's place: by then
   * most answers have left. */
  containerRefillMs: 10,
  /** How far back demand is looked at. */
  containerDemandMs: 1_000,
  /** Pairs of principal and tool, with what their calls mount, whose demand is known at a time. */
  containerCordons: 1_024,
  /** Waiting containers are looked at this often. */
  containerTickMs: 1_000,
  /** Starts under way; more of them would only hold each other up, and whoever comes next. */
  containerStarts: 8,
  /** A start on a busy machine; a call waits no longer for one than this. */
  containerStartMs: 10_000,
  /** From a kill to the engine's word that a container is gone. */
  containerEndMs: 10_000,
  /** The processor time of a call that runs is looked at this often. */
  cpuWatchMs: 100,
  /** How often, a millisecond apart, the kernel is asked whether a killed container has ended. */
  endLooks: 200,
  /** Where containers do not start: the first pause, doubled after each failure, and the longest. */
  containerPauseMs: 250,
  containerPauseMsCeiling: 30_000,
  /** A unix socket's path, and of that what the folder of the ways out may take. */
  socketPathBytes: 107,
  socketsFolderBytes: 60,
  /** One frame between gateway and launcher; the longest word names each image of a deployment. */
  linkFrameBytes: 131_072,
  /** One frame of the engine's: it cuts what a program says into pieces of half of this. */
  engineFrameBytes: 65_536,
  /** Sent to a program and not yet read by it: all that one call is told, with its files. */
  linkInputBytes: 16_777_216,
  /** What one call's container may say before it is ended: its answer with its files, and its log. */
  linkOutputBytes: 33_554_432,
  /** What a container says before anybody listens; more waits where it is. */
  linkHeldBytes: 65_536,
  /** The launcher's answer to a question; longer than its own limits of time, so that it says why. */
  linkAnswerMs: 12_000,
  /** The engine's answer to one question; after this nobody waits for it any more. */
  engineAnswerMs: 60_000,
  /** Leftovers that are removed at a time. */
  reapedAtOnce: 4,
  /** Connections that one launcher serves: one for each container, and a few for questions. */
  linkConnections: 256,
  /** Characters of JSON for one of the output's: `\u00e4` are six for two bytes. */
  answerEscapes: 3,
  /** Of standard error: who writes more ends its call. `limits.logBytesPerCall` of it are kept. */
  errorBytes: 8_388_608,
  /** What a program's answer holds beside output and files. */
  answerRestBytes: 4_096,
  /** One call's files, in and out, before they are packed as text. */
  scratchBytes: 8_388_608,
  scratchFiles: 64,
  /** Mounts of one container. */
  mountsPerCall: 8,
  /** Files and folders beneath them: each is looked at before the program sees it. */
  mountEntries: 20_000,
  /** Connections at one sandbox's way out, and requests under way. */
  proxyConnections: 16,
  /** Connections that carry nothing, and requests that are refused; beyond, nobody listens there. */
  proxyKnocksPerSecond: 256,
  /** Connections without a request are looked at this often. */
  proxyLookMs: 100,
  /** What a tool in a container asks its host is held until it is whole: of one sandbox so many. */
  hostBodiesAtOnce: 2,
  /** Bytes of one request or tunnel that a sandbox's proxy passes on, in both directions together. */
  egressBytes: 67_108_864,
  /** What a portion of it costs of that at least: handing on a byte takes as long. */
  egressPortionBytes: 1_024,
  egressMs: 60_000,
  /** Nothing crosses it for this long. */
  egressIdleMs: 10_000,
  /** The first words of a TLS connection, from which the name is read. */
  helloBytes: 16_384,
  helloMs: 5_000,
  /** A service that ends is started again after this pause, doubled up to the ceiling. */
  servicePauseMs: 500,
  servicePauseMsCeiling: 60_000,
  /** Between two questions whether it is healthy, and for the answer. */
  serviceHealthMs: 30_000,
  serviceAnswerMs: 5_000,
  /** Of its answer to the question whether it is healthy. */
  serviceHealthBytes: 4_096,
  /** Services at a time, with the share of a container's memory for each; and of one principal. */
  services: 8,
  servicesPerPrincipal: 4,
  /** One that no call has used for this long is ended. */
  serviceIdleMs: 300_000,
  /** Of the processor, for all that one container of a service ever does; the next has as much. */
  serviceCpuMs: 600_000,
  /** What a probe of a tier's walls may take, and say. One that has met its walls ends at once; so
   * long only hangs, or waits for its turn on a machine that has other things to do. */
  probeMs: 60_000,
  probeChars: 65_536,
  /** How often a probe is started that does not start in time: nothing was measured. */
  probeStarts: 3,
} as const;
