import { test } from "tap";
import { openFileNames } from "./file-names.ts";

test("a name is one text's, one kind's and one store's", (t) => {
  const [one, other] = [openFileNames(Buffer.alloc(32, 1)), openFileNames(Buffer.alloc(32, 2))];
  t.equal(one("content", "hunter2"), one("content", "hunter2"));
  t.not(one("content", "hunter2"), one("content", "hunter3"));
  t.not(one("content", "hunter2"), one("path", "hunter2"));
  t.not(one("content", "hunter2"), other("content", "hunter2"), "so nobody can try texts out");
  t.end();
});
