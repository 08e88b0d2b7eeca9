import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { namesIn } from "../sandbox/container/images/debian-package.ts";
import { collectPackages } from "../sandbox/container/images/packages.ts";
import { whereIs } from "../scripts/engine/programs.ts";

const hasDpkg = whereIs("dpkg-deb") !== undefined;

test("of a list of dependencies, the first name of each", (t) => {
  const list = "libc6 (>= 2.36), a+b.c | d, python3:any (>= 3), , e [amd64]\n";
  t.strictSame(namesIn(list), ["libc6", "a+b.c", "python3", "e"]);
  t.strictSame(namesIn(""), []);
  t.end();
});

test("packages come out of the cache, with what they depend on as far as it is wanted", async (t) => {
  if (!hasDpkg) return t.plan(0, "no dpkg-deb here");
  const cache = t.testdir({});
  addPackage(t, cache, { name: "ringward-one", depends: "ringward-two (>= 1), ringward-not" });
  addPackage(t, cache, { name: "ringward-two", depends: "ringward-one | ringward-not" });
  const choice = { first: ["ringward-one"], cache, isRefreshed: false };
  const isWanted = (name: string): boolean => name !== "ringward-not";
  const found = await collectPackages({ ...choice, isWanted });
  t.strictSame(
    found.map(({ name, version }) => [name, version]),
    [
      ["ringward-one", "1.0"],
      ["ringward-two", "1.0"],
    ],
  );
  const folder = join(cache, "unpacked");
  await found[1]?.unpack(folder);
  t.equal(readFileSync(join(folder, "usr/name"), "utf8"), "ringward-two");
});

test("a file in the cache that is another than was fetched is none", async (t) => {
  if (!hasDpkg) return t.plan(0, "no dpkg-deb here");
  const cache = t.testdir({});
  addPackage(t, cache, { name: "ringward-one", depends: "" });
  const file = join(cache, "ringward-one.deb");
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from("x")]));
  const choice = { first: ["ringward-one"], isWanted: () => true, cache, isRefreshed: false };
  await t.rejects(collectPackages(choice), {
    name: "ImageError",
    message: /`ringward-one` is not installed, and cannot be had: `apt-get` fails/,
  });
  t.notOk(existsSync(join(cache, "usr")));
});

test("who wants what is current is not given what was kept", async (t) => {
  if (!hasDpkg) return t.plan(0, "no dpkg-deb here");
  const cache = t.testdir({});
  addPackage(t, cache, { name: "ringward-one", depends: "" });
  const choice = { first: ["ringward-one"], isWanted: () => true, cache };
  t.equal((await collectPackages({ ...choice, isRefreshed: false })).length, 1);
  await t.rejects(collectPackages({ ...choice, isRefreshed: true }), { name: "ImageError" });
});

test("where nothing is to be had, what is installed serves", async (t) => {
  if (!hasDpkg || !existsSync("/var/lib/dpkg/info/dash.list")) return t.plan(0, "no dash here");
  const script = "#!/bin/sh\necho no network >&2; exit 100\n";
  const cache = t.testdir({ programs: { "apt-get": script } });
  const isWanted = (name: string): boolean => name === "dash";
  const path = process.env["PATH"];
  t.teardown(() => Object.assign(process.env, { PATH: path }));
  const programs = join(cache, "programs");
  chmodSync(join(programs, "apt-get"), 0o755);
  process.env["PATH"] = `${programs}:${path}`;
  const [dash] = await collectPackages({ first: ["dash"], isWanted, cache, isRefreshed: true });
  t.match(dash, { name: "dash", version: / \(as installed\)$/ });
  const folder = join(cache, "unpacked");
  await dash?.unpack(folder);
  t.ok(["bin/dash", "usr/bin/dash"].some((place) => existsSync(join(folder, place))));
});

test("a package that apt did not bring is not left out of an image in silence", async (t) => {
  if (!hasDpkg) return t.plan(0, "no dpkg-deb here");
  const cache = t.testdir({ programs: { "apt-get": "#!/bin/sh\nexit 0\n" } });
  const path = process.env["PATH"];
  t.teardown(() => Object.assign(process.env, { PATH: path }));
  chmodSync(join(cache, "programs/apt-get"), 0o755);
  process.env["PATH"] = `${join(cache, "programs")}:${path}`;
  const choice = { first: ["ringward-one"], isWanted: () => true, cache, isRefreshed: true };
  await t.rejects(collectPackages(choice), {
    name: "ImageError",
    message: /`ringward-one` is not installed, and cannot be had: apt brought none .*\(install it/,
  });
});

function addPackage(t: Test, cache: string, about: { name: string; depends: string }): void {
  const { name, depends } = about;
  const fields = ["Version: 1.0", "Architecture: all", "Maintainer: a <a@b>", "Description: a"];
  const control = [`Package: ${name}`, ...fields, ...(depends ? [`Depends: ${depends}`] : [])];
  const folder = join(t.testdirName, `.${name}`);
  mkdirSync(join(folder, "DEBIAN"), { recursive: true });
  mkdirSync(join(folder, "usr"));
  writeFileSync(join(folder, "DEBIAN/control"), `${control.join("\n")}\n`);
  writeFileSync(join(folder, "usr/name"), name);
  const file = join(cache, `${name}.deb`);
  execFileSync("dpkg-deb", ["--build", folder, file], { stdio: "ignore" });
  writeFileSync(join(cache, `${name}.sha256`), hash("sha256", readFileSync(file)));
}
