/**
 * Every limit that somebody else can run into, in one place: sizes of a page or a batch stand where
 * they are used, and those of containers in `container-limits.ts`. The unit is the last word.
 * A manifest or a deployment may lower what is marked `ceiling`, never raise it.
 */
export const limits = {
  // -- JSON from outside --------------------------------------------------------------------
  /** Large enough for a document as an argument, small enough to parse in a few milliseconds. */
  bodyBytes: 1_048_576,
  /** Deeper nesting has no honest use and costs every recursive reader its stack. */
  jsonDepth: 32,
  /** Keys and items of one document together: bounds each loop over a document. */
  jsonNodes: 50_000,
  /** Above this length a number is not one that anybody wrote. */
  jsonNumberChars: 32,

  // -- the door -----------------------------------------------------------------------------
  /** Calls that may wait or run at once; more are told to come back. */
  callsInFlight: 256,
  /** Requests a minute for one credential. */
  requestsPerMinute: 30_000,
  /** Failed authentications a minute for one remote address. */
  failedLoginsPerMinute: 60,
  /** Credentials and remote addresses whose requests are counted in one minute. */
  rateCounters: 10_000,
  idempotencyKeyChars: 128,
  /** Ids of sessions, calls and approvals, with room beside our own, which have about forty. */
  idChars: 64,
  /** Names of principals and groups; identity providers like long ones. */
  principalChars: 128,
  /** A token of an identity provider is one or two thousand; a longer one is only dear to check. */
  bearerChars: 8_192,
  /** All header lines of one request together. */
  headerBytes: 16_384,
  /** Open at one listener; the operators' is another one, so agents cannot use theirs up. */
  connections: 2_048,
  /** A client that sends its request more slowly than this holds a socket for nothing. */
  requestReceiveMs: 10_000,
  /** A refusal at the door is counted under its code and remote address; this many pairs. */
  doorCounters: 256,
  doorFlushMs: 10_000,
  /** `/readyz` looks at the record at most this often, so that asking costs nothing. */
  readyMs: 10_000,
  /** Between two proofs of the tiers' walls, which take processes of their own. */
  selfProofMs: 300_000,
  /** After one that did not hold: a machine that was too busy to be measured soon is again. */
  selfProofRetryMs: 15_000,
  /** When the gateway stops: time for answers to leave after the last call has ended. */
  doorCloseMs: 2_000,
  /** Sessions, principals and tools whose crashes are counted at a time. */
  signalWindows: 10_000,
  /** An operator's reason for a freeze. */
  reasonChars: 500,
  /** Calls in a list answer. */
  listRows: 1_000,

  // -- sessions -----------------------------------------------------------------------------
  sessionSeconds: 3_600,
  sessionSecondsCeiling: 86_400,
  sessionCalls: 1_000,
  sessionCallsCeiling: 1_000_000,
  sessionBytes: 67_108_864,
  sessionBytesCeiling: 68_719_476_736,
  sessionRunSeconds: 3_600,
  sessionRunSecondsCeiling: 864_000,
  groupsPerSession: 32,
  taskChars: 20_000,
  turnsPerSession: 200,
  /** Elements of one call's arguments whose source is looked up; the rest count as unknown. */
  tracedElements: 1_000,
  /** Sessions whose index is held in memory; the least recently used is rebuilt on demand. */
  sessionsInMemory: 1_000,

  // -- manifests ----------------------------------------------------------------------------
  manifestBytes: 65_536,
  toolsPerDeployment: 1_000,
  /** What models and people can still tell apart at a glance. */
  toolNameChars: 64,
  /** Bundled code of one tool: compiled anew for each call, so it has to stay small. */
  toolCodeBytes: 1_048_576,
  permissionsPerTool: 32,
  /** Text that a JSON Schema format looks at; formats backtrack. */
  formatChars: 2_048,
  /** Items of an array whose schema says `uniqueItems`: each pair is compared. */
  uniqueItems: 256,

  /** Files and folders of the workspace that a deployment says something of. */
  declaredFiles: 256,

  // -- policy -------------------------------------------------------------------------------
  policiesPerDeployment: 20_000,
  policyBytes: 10_485_760,
  decisionCacheEntries: 10_000,
  /** Preparsed slices kept for (tool, principal) pairs. */
  policySlices: 4_096,

  // -- approvals ----------------------------------------------------------------------------
  approvalSeconds: 900,
  approvalsPerSession: 20,

  // -- grants -------------------------------------------------------------------------------
  /** Beyond the wall time of the call: time to hand the grant over. */
  grantSlackMs: 2_000,
  /** Times a call is judged again because its session's labels moved before it was admitted. */
  judgeTries: 4,

  // -- the sandbox --------------------------------------------------------------------------
  /** Defaults for a manifest that says nothing, and their ceilings. */
  wallMs: 5_000,
  wallMsCeiling: 60_000,
  cpuMs: 1_000,
  cpuMsCeiling: 30_000,
  memoryMb: 32,
  memoryMbCeiling: 128,
  outputKb: 256,
  outputKbCeiling: 1_024,
  /** Worker processes that start, wait, run or end: each pair of principal and tool needs one of its
   * own. One that waits holds some 12 MB that it shares with nobody. */
  workers: 8,
  /** Started ahead of need, for whoever comes next. */
  workersSpare: 2,
  /** Resident sizes of all workers together, as the kernel counts them: shared pages count again. */
  workersBytes: 1_073_741_824,
  /** What a new worker counts for until it was measured. */
  workerStartBytes: 67_108_864,
  /** Calls that may wait for a worker. */
  workerQueue: 256,
  /** A call waits for a worker as long as it may run, and no less than a start takes. */
  workerWaitMs: 1_000,
  /** A call waits this long for a busy worker of its own cordon before it gets another one. A short
   * burst ends before that; a new worker costs a hundred milliseconds of processor time. */
  workerPatienceMs: 25,
  /** A worker is left to its cordon for this long while others wait for its place: as long as the
   * worker after it takes to start, so that taking turns costs no more than half of the time. */
  workerTurnMs: 200,
  /** Calls a worker serves before it is replaced: bounds what can accumulate in it. */
  callsPerWorker: 64,
  /** A worker of a cordon that has nothing to do for this long is ended. */
  workerIdleMs: 60_000,
  /** A worker that was never used is renewed at this age. */
  workerAgeMs: 600_000,
  /** Idle workers are looked at this often: age, memory. */
  workerTickMs: 1_000,
  /** Where workers do not start: the first pause, doubled after each failure, and the longest. */
  workerPauseMs: 100,
  workerPauseMsCeiling: 30_000,
  /** A worker that ever used more than this is replaced after the call. */
  workerPeakBytes: 402_653_184,
  /** Processor time after which a worker is replaced; below `workerCpuSeconds`, which kills. */
  workerCpuSecondsSoft: 80,
  /** Resident size that a worker may have beside what its guest holds: Node itself, and slack. */
  workerRestBytes: 134_217_728,
  /** A running call is looked at this often: processor time and memory, from outside. */
  workerWatchMs: 20,
  /** Code of tools that one worker keeps between calls. */
  workerCodeBytes: 16_777_216,
  /** Heap of a worker's own isolate, not of the guests'. */
  workerHeapMb: 64,
  /** Address space of a worker process; without `--jitless` V8 would not even start in it. */
  workerAddressSpaceBytes: 1_500_000_000,
  /** The same with machine code, for which V8 reserves room ahead. */
  workerJitAddressSpaceBytes: 3_000_000_000,
  workerCpuSeconds: 120,
  workerOpenFiles: 64,
  workerProcesses: 64,
  /** All memory of a worker's processes together, where the kernel counts it. More than a call may
   * reach before it is stopped, so that only what nobody stops ends in this way. */
  workerGroupBytes: 402_653_184,
  /** Time for the last process to leave such a group. */
  groupLeaveMs: 2_000,
  workerStartMs: 10_000,
  /** A probe may take so long: it waits for its turn on a machine that has other things to do. */
  probeMs: 60_000,
  /** From a kill to the end of all processes of a probe: more than a busy machine needs. */
  probeKillMs: 5_000,
  /** Past a call's wall time: the parent kills without asking. */
  killGraceMs: 100,
  /** One frame of a worker, and of its code and arguments: the largest, escaped, and a rest. */
  frameBytes: 4_259_840,
  /** One frame to a worker: a file that is full of NULs takes seven bytes for each, and what was
   * answered before it comes along. */
  workerFrameBytes: 10_485_760,
  hostCallsPerCall: 64,
  /** Requests of one call that are served as they come; more than that wait, so that no call has
   * more than `hostCallsPerSecond` done for it. */
  hostCallsAtOnce: 32,
  hostCallsPerSecond: 1_000,
  /** Broker answers of one call that are kept, so that it can be run again. */
  recordingBytes: 2_097_152,
  logBytesPerCall: 16_384,

  // -- the broker ---------------------------------------------------------------------------
  fileBytes: 1_048_576,
  filesListed: 1_000,
  pathChars: 1_024,
  pathDepth: 32,
  /** What one call may read, write and list of files, over all of its requests. */
  callReadBytes: 16_777_216,
  callWrittenBytes: 8_388_608,
  callFilesWritten: 32,
  callFilesListed: 10_000,
  /** Requests for files that are served together, over all calls: as many as the system has threads
   * for, so that the gateway's loop is never full of their ends. */
  filesAtOnce: 4,
  /** Disk that files leave free, above `recordReserveBytes`: they fill up before the record does. */
  workspaceReserveBytes: 268_435_456,
  urlChars: 2_048,
  fetchBytes: 1_048_576,
  /** What a portion of a body costs of that at least: reading a byte takes as long. */
  fetchPortionBytes: 128,
  fetchRequestBytes: 262_144,
  fetchHeaderBytes: 16_384,
  fetchRedirects: 5,
  /** Interim answers (1xx) to one request: they have no honest use in numbers. */
  fetchInterims: 8,
  fetchMs: 10_000,
  /** Decoded bytes for each byte on the wire, above which a body is a bomb. */
  inflateRatio: 100,
  /** Below this size a ratio says nothing: an empty page is small enough, however it was packed. */
  inflateRatioFromBytes: 65_536,
  /** Of a host's addresses, one question to the resolver; it asks twice. */
  resolveMs: 2_000,

  // -- secrets ------------------------------------------------------------------------------
  /** Letters and digits. Shorter ones stand in honest answers too, and would be redacted there. */
  secretCharsLeast: 8,
  /** Tokens are some hundred; what is longer belongs into no header. */
  secretChars: 4_096,
  secretsPerTool: 16,
  secretsPerDeployment: 1_000,
  /** A password manager or a cloud's command line, on a busy machine. */
  secretCommandMs: 10_000,
  /** Packed texts in one answer that are unpacked to look for secrets. */
  packedTexts: 8,
  /** What they unpack to, together: they are read while nothing else happens. */
  unpackedBytes: 1_048_576,

  // -- guards -------------------------------------------------------------------------------
  /** Text that one detector reads; a longer one is refused, never skipped. */
  scanChars: 4_194_304,
  findingsPerCall: 100,
  /** Then others of the process have their turn. */
  scanTurnChars: 65_536,

  // -- the record ---------------------------------------------------------------------------
  recordBytes: 65_536,
  /** Records between two signed checkpoints. */
  checkpointRecords: 1_000,
  checkpointMs: 60_000,
  /** Disk that must stay free before a call is admitted: room for every outcome in flight. */
  recordReserveBytes: 67_108_864,
  payloadSeconds: 2_592_000,
  /** Derived keys of payloads held by a reader; each start of a writer seals under one. */
  sealersInMemory: 64,
  /** Operations that one commit takes together. */
  commitBatch: 256,
  /** Command lines that may write to one store at once; each has a chain of its own. */
  cliWriters: 16,
  /** Faults that a verification names; a thing broken in more places is broken. */
  verifyFaults: 100,
  /** Operations that may wait for a commit. */
  commitQueue: 4_096,

  // -- the agent ----------------------------------------------------------------------------
  /** One answer that the client reads: the largest output with room for its wrapping. */
  answerBytes: 2_097_152,
  /** The longest call with room for waiting in the gateway's queue. */
  answerMs: 90_000,
  /** Times one idempotent proposal is sent, the first among them. */
  proposalTries: 3,
  /** A longer `Retry-After` is handed to the caller instead of being waited for. */
  retryWaitMs: 10_000,
  /** Default bounds of the loop; a run may set its own. */
  agentSteps: 50,
  agentTokens: 1_000_000,
  agentSeconds: 900,
  agentDollars: 5,
  /** Steps in a row that brought nothing new. */
  agentRepeats: 3,
  /** Tool calls out of one answer of the model; more are told to come one step later. */
  agentCallsPerStep: 16,
  /** Tokens of one answer of the model. */
  agentAnswerTokens: 8_192,
  /** Of one tool's answer, what the model is shown. */
  observationChars: 16_000,
  /** One text of the arguments, in the lines of progress that the agent prints. */
  progressChars: 200,
  /** The settings that the agent reads from its standard input. */
  agentSettingsBytes: 262_144,
} as const;
