import { argv, stdout } from "node:process";
import {
  type LauncherOptions,
  serveLauncher,
} from "../../sandbox/container/launcher/serve-launcher.ts";

/** A launcher in a process of its own, which a test may kill. Says when it serves. */
await serveLauncher(JSON.parse(argv[2] ?? "") as LauncherOptions);
stdout.write("serves\n");
