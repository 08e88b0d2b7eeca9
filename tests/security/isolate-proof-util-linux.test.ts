import { proveProof } from "./isolate-proof-fixtures.ts";

proveProof("util-linux");
