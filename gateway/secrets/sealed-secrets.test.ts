import { randomBytes } from "node:crypto";
import { test } from "tap";
import { type StoredSecret, sealSecrets, unsealSecrets } from "./sealed-secrets.ts";

const key = randomBytes(32);
const canary = "canary-0123456789";
const secret: StoredSecret = {
  name: "desk",
  value: canary,
  createdAt: 1,
  changedAt: 2,
  binding: {
    tools: ["ticket.find"],
    principals: ["alice"],
    to: { scheme: "https", host: "desk.test", ports: [443], methods: ["GET"], path: "/" },
    place: { header: "authorization", prefix: "Bearer " },
  },
};

test("what was sealed is unsealed, and says nothing without the key", (t) => {
  const sealed = sealSecrets([secret], key);
  t.strictSame(unsealSecrets(sealed, key), [secret]);
  for (const text of [canary, "desk", "alice", "authorization"]) t.notOk(sealed.includes(text));
  t.notOk(sealed.includes(key));
  t.not(sealSecrets([secret], key).toString("hex"), sealed.toString("hex"), "each time anew");
  t.end();
});

test("another key, another version and any changed byte are told apart, and refused", (t) => {
  const sealed = sealSecrets([secret], key);
  t.throws(() => unsealSecrets(sealed, randomBytes(32)), /is under another key/);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.throws(() => unsealSecrets(changed, key), /no file of secrets|another key|is damaged/);
  }
  for (const length of [0, 5, 30, 54, sealed.length - 1]) {
    t.throws(() => unsealSecrets(sealed.subarray(0, length), key), Error, `cut to ${length}`);
  }
  t.throws(() => unsealSecrets(Buffer.concat([sealed, Buffer.from("x")]), key), /is damaged/);
  t.end();
});
