/** What of the widgets needs no page: widths of the panel, the list of toasts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PANEL, clampWidth } from "../../../static/js/views/view.js";
import { toast, toasts } from "../../../static/js/views/parts/toast.js";

test("a panel is never narrower or wider than it may be, and a broken memory gives the usual width", () => {
  assert.deepEqual([10, 400.4, 9999, NaN].map(clampWidth), [PANEL.least, 400, PANEL.most, PANEL.usual]);
});

test("four toasts stand at once, the oldest goes", () => {
  toasts.value = [];
  for (const text of ["1", "2", "3", "4", "5"]) toast(text);
  assert.deepEqual(toasts.value.map((each) => each.text), ["2", "3", "4", "5"]);
});

test("a toast of the same id takes the place of the other, and can be taken away", () => {
  toasts.value = [];
  toast("first", { id: "line" });
  const away = toast("second", { id: "line" });
  assert.deepEqual(toasts.value.map((each) => each.text), ["second"]);
  away();
  assert.deepEqual(toasts.value, []);
});

test("what can be pressed stays longer, unless the caller says how long", () => {
  toasts.value = [];
  toast("plain");
  toast("undo", { actions: [{ label: "Undo", onClick: () => {} }] });
  toast("stays", { seconds: 0 });
  const [plain, undo, stays] = toasts.value.map((each) => each.seconds);
  assert.ok(plain !== undefined && undo !== undefined && undo > plain);
  assert.equal(stays, 0);
});
