/** Of the middle three rings: what may not be, as things stand. */
export const refusalsOfDecisions = {
  // -- 4 provenance -------------------------------------------------------------------------
  SESSION_MOVED: [
    "provenance",
    409,
    "ASI06",
    "the session's labels kept changing while the call was judged",
    "propose the call again",
  ],
  // -- 5 policy -----------------------------------------------------------------------------
  POLICY_DENIED: [
    "policy",
    403,
    "ASI02",
    "policy does not allow this call",
    "propose something smaller, or ask the policy's owner",
  ],
  POLICY_ERROR: [
    "policy",
    403,
    "ASI08",
    "a policy could not be evaluated, so the call is denied",
    "tell the policy's owner",
  ],
  APPROVAL_REQUIRED: [
    "policy",
    202,
    "ASI09",
    "a person has to approve this call",
    "wait for the approval, then propose the same call again",
  ],
  APPROVAL_DENIED: ["policy", 403, "ASI09", "a person has denied this call", "do something else"],
  APPROVAL_MISMATCH: [
    "policy",
    403,
    "ASI09",
    "the approval that the call names was given for something else, is used up or has expired",
    "propose the call without it, and let a person look at it",
  ],
  APPROVALS_EXHAUSTED: [
    "policy",
    429,
    "ASI09",
    "this session has asked people as often as it may",
    "let the host application open a new session",
  ],
  PLAN_EXCEEDED: [
    "policy",
    403,
    "ASI01",
    "the session declared what it means to do, and this is no part of it",
    "keep to the plan, or let the host open another session",
  ],
  // -- 6 grant ------------------------------------------------------------------------------
  PERMISSION_EXCEEDED: [
    "grant",
    403,
    "ASI02",
    "the call needs more than its tool or its session may ever have",
    "choose a host or path inside the permissions",
  ],
  BUDGET_EXHAUSTED: [
    "grant",
    429,
    "ASI08",
    "the budget of this tool or session is used up",
    "wait where `Retry-After` is given; else let the host application open a new session",
  ],
  GRANT_EXPIRED: [
    "grant",
    403,
    "ASI03",
    "the permission for this call ran out before it could be used",
    "propose the call again",
  ],
} as const;
