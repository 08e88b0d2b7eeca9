import { test } from "tap";
import { textOf } from "./support/source-files.ts";

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

// `npm ci` refuses a lock file that lacks a package for another platform, and `npm install` leaves
// one out where its registry does not have it.
test("the lock file holds each package that another machine may need", (t) => {
  const { packages } = JSON.parse(textOf("package-lock.json")) as {
    packages: Readonly<Record<string, Locked>>;
  };
  const missing = Object.entries(packages).flatMap(
    ([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !placesOf(path, name).some((place) => place in packages))
        .map((name) => `${path}: ${name}`),
  );
  t.ok(Object.keys(packages).length > 100);
  t.strictSame(missing, []);
  t.end();
});

/** Where Node looks for a package: in `node_modules` of each folder on the way up. */
function placesOf(path: string, name: string): readonly string[] {
  const folders = `/${path}`.split("/node_modules/").slice(1);
  return [...folders, name].map((_, depth) =>
    [...folders.slice(0, depth), name].map((folder) => `node_modules/${folder}`).join("/"),
  );
}
