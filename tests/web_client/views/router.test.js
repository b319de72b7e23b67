/** After signing in one comes back to the class that was wanted, and to nothing else that an address may say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { wantedClass } from "../../../static/js/views/router.js";

test("a class is come back to", () => {
  assert.equal(wantedClass("?to=/class/demo"), "/class/demo");
});

test("a recording is come back to, at its moment", () => {
  assert.equal(wantedClass("?to=/recording/demo-1"), "/recording/demo-1");
  assert.equal(wantedClass("?to=/recording/demo-1?t=1h2m3s"), "/recording/demo-1?t=1h2m3s");
  assert.equal(wantedClass("?to=/recording/demo-1?t=12:34"), "/recording/demo-1?t=12:34");
});

test("nothing else is", () => {
  for (const search of ["", "?to=", "?to=/people", "?to=https://evil.test/class/x", "?to=//evil.test", "?to=/class/../people", "?to=/class/1", "?to=javascript:alert(1)", "?to=/recording/x?next=//evil.test", "?to=/recording/x/../../people"])
    assert.equal(wantedClass(search), null, search);
});
