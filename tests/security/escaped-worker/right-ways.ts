import fs from "node:fs";
import os from "node:os";
import type { Ways } from "./ways.ts";

export const rightWays: Ways = {
  "rights: the superuser": () => process.setuid?.(0),
  "rights: another group": () => process.setgroups?.([0]),
  "rights: a higher priority": () => os.setPriority(0, -20),
  "rights: its own environment": () => Object.keys(readEnvironment()),
  "rights: descriptors beyond its own": () => foreignDescriptors(),
  "rights: more descriptors than its limit": ({ openFiles }) => openMany(openFiles * 2),
  "rights: other processes seen": () => fs.readdirSync("/proc"),
};

/** Bubblewrap says where one stands: at the root of the view. The launchers bound the C library. */
function readEnvironment(): Record<string, unknown> {
  const { PWD, MALLOC_ARENA_MAX, ...environment } = process.env;
  if (PWD !== "/" && PWD !== undefined) return process.env;
  if (MALLOC_ARENA_MAX !== "1" && MALLOC_ARENA_MAX !== undefined) return process.env;
  if (Object.keys(environment).length === 0) throw new Error("empty");
  return environment;
}

/** Beside its three pipes Node has pipes and counters to itself; a file or socket would be foreign. */
function foreignDescriptors(): string[] {
  const found: string[] = [];
  for (let fd = 3; fd < 64; fd += 1) {
    try {
      const stat = fs.fstatSync(fd);
      if (stat.isFile() || stat.isSocket() || stat.isDirectory()) found.push(String(fd));
    } catch {
      // Not open.
    }
  }
  if (found.length === 0) throw new Error("none");
  return found;
}

function openMany(wanted: number): string {
  const opened: number[] = [];
  try {
    for (let count = 0; count < wanted; count += 1) opened.push(fs.openSync(process.execPath, "r"));
    return `${opened.length} opened`;
  } finally {
    for (const fd of opened) fs.closeSync(fd);
  }
}
