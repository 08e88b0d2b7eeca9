import { createContext, runInContext } from "node:vm";
import bounds from "../bounds.json" with { type: "json" };
import { scriptOf, serveLines } from "./lines.js";

serveLines((code) => (input) => {
  return runInContext(scriptOf(code, input), createContext({}), { timeout: bounds.timeMs });
});
