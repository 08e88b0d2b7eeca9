// What a guest may try. Each attempt ends by itself or is bounded, so that a peer that stops
// nothing costs the machine a quarter of a gigabyte and one thread, until it is killed.
const attempts = {
  nothing: () => "fine",
  loop() {
    for (;;);
  },
  regex: () => /^(a+)+$/.test(`${"a".repeat(40)}b`),
  heap: () => hold((at) => new Array(524_288).fill(at)),
  buffers: () => hold((at) => new Uint8Array(4_194_304).fill(at)),
  async network({ port }, given) {
    const url = `http://127.0.0.1:${port}/`;
    if (given) return (await given.fetch({ url })).body;
    if (globalThis.fetch) return (await fetch(url)).text();
    return new Promise((resolve, reject) => {
      const get = host()
        .process.getBuiltinModule("node:http")
        .get(url, (response) => {
          response.setEncoding("utf8").on("data", resolve);
        });
      get.on("error", reject);
    });
  },
  file({ path }, given) {
    if (given) return given.files.read(path);
    const { deno, process } = host();
    if (deno) return deno.readTextFileSync(path);
    return process.getBuiltinModule("node:fs").readFileSync(path, "utf8");
  },
  environment({ name }) {
    const { deno, process } = host();
    return deno ? deno.env.get(name) : process.env[name];
  },
};

/** 256 MiB: eight times what each peer is asked to allow, where it can be asked. */
function hold(make) {
  const held = [];
  for (let at = 0; at < 64; at += 1) held.push(make(at));
  return `held ${held.length}`;
}

/** Whatever of the host can be had by its name, or through the function that made a value of it. */
function host() {
  const { Deno: deno, process } = globalThis;
  return { deno, process: process ?? globalThis.constructor.constructor("return process")() };
}

/** `given` is what a peer hands in beside the arguments, where it hands in anything. */
export function run(args, given) {
  return attempts[args.attempt](args, given);
}
