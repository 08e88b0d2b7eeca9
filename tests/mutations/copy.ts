import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { root } from "../support/source-files.ts";

export interface Trial {
  readonly passed: boolean;
  readonly ms: number;
}

const notCopied = ["node_modules", ".git", ".tap", "dist", "bench"];

interface Change {
  readonly from: string;
  readonly to: string;
}

/** The sources in a folder of their own, one of which may be changed for a while. */
export class Copy {
  readonly #folder: string;
  readonly #signal: AbortSignal;

  private constructor(from: string, signal: AbortSignal) {
    this.#folder = mkdtempSync(join(tmpdir(), "ringward-mutant-"));
    this.#signal = signal;
    // Programs of some tests lie in it, and their users are not this one.
    chmodSync(this.#folder, 0o755);
    const left = new Set(notCopied.map((name) => join(from, name)));
    cpSync(from, this.#folder, { recursive: true, filter: (path) => !left.has(path) });
    // What npm installed is shared.
    symlinkSync(join(root, "node_modules"), join(this.#folder, "node_modules"));
  }

  /** All of one state of the sources, whoever goes on working on them. */
  static make(count: number, signal: AbortSignal): readonly Copy[] {
    const first = new Copy(root, signal);
    return [first, ...Array.from({ length: count - 1 }, () => new Copy(first.#folder, signal))];
  }

  read(file: string): string {
    return readFileSync(join(this.#folder, file), "utf8");
  }

  async with<T>(file: string, { from, to }: Change, use: () => Promise<T>): Promise<T> {
    const text = this.read(file);
    const path = join(this.#folder, file);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
    try {
      return await use();
    } finally {
      writeFileSync(path, text);
    }
  }

  /** In a process group of its own, so that whatever a broken wall lets live ends with it. */
  async run(test: string, mostMs: number): Promise<Trial> {
    this.#signal.throwIfAborted();
    const beganAt = performance.now();
    const child = spawn(process.execPath, [test], {
      ...{ cwd: this.#folder, stdio: "ignore", detached: true },
      env: { ...process.env, TAP_BAIL: "1" },
    });
    const end = (): void => endGroup(child.pid);
    const late = setTimeout(end, mostMs);
    this.#signal.addEventListener("abort", end, { once: true });
    const [code] = (await once(child, "close")) as [number | null];
    this.#signal.removeEventListener("abort", end);
    clearTimeout(late);
    end();
    this.#signal.throwIfAborted();
    return { passed: code === 0, ms: performance.now() - beganAt };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}
