/**
 * The stage alone in a window of its own, for a projector or a second screen, while the panels stay with the teacher.
 *
 * The window has no address and no connection: this page draws into it. A second connection would be a second seat, and every
 * picture would be sent twice.
 */
import { effect, signal } from "@preact/signals-core";
import { html, render } from "../html.js";
import { locale, t } from "../i18n.js";
import { RoomContext } from "../state/context.js";
import { toast } from "./parts/toast.js";
import { Stage } from "./stage.js";

/** @type {import("@preact/signals-core").Signal<Window | null>} */
const opened = signal(null);

/** True while the second window is there. */
export function onSecondScreen() {
  return opened.value !== null;
}

/** Open the window, or close it. */
export function toggleSecondScreen(/** @type {import("../state/context.js").Room} */ room) {
  if (opened.value !== null) {
    opened.value.close();
    return;
  }
  const other = window.open("", "sabak-stage", "popup,width=1280,height=760");
  if (other === null) {
    toast(t("The browser blocked the second window. Allow windows of this page beside the address, and try again."), { kind: "bad", id: "second-screen" });
    return;
  }
  const undo = furnish(other, room);
  opened.value = other;
  const closed = () => {
    undo();
    removeEventListener("pagehide", end);
    opened.value = null;
  };
  const end = () => other.close();
  other.addEventListener("pagehide", closed, { once: true });
  addEventListener("pagehide", end);
}

/**
 * Draw the stage into `other`.
 *
 * @param {Window} other
 * @param {import("../state/context.js").Room} room
 * @returns {() => void} takes it out again
 */
function furnish(other, room) {
  const page = other.document;
  for (const link of document.querySelectorAll("link[rel=stylesheet]")) {
    const copy = page.createElement("link");
    copy.rel = "stylesheet";
    copy.href = /** @type {HTMLLinkElement} */ (link).href; // absolute: the window has no address of its own
    page.head.append(copy);
  }
  const { theme } = document.documentElement.dataset;
  if (theme) page.documentElement.dataset.theme = theme;
  const follow = effect(() => {
    page.documentElement.lang = locale.value;
    page.title = `${room.info.value.title} · ${t("Stage")}`;
  });
  const place = page.createElement("div");
  place.className = "second-screen";
  page.body.replaceChildren(place);
  render(html`<${RoomContext.Provider} value=${room}><${Stage} /><//>`, place);
  const stop = effect(() => {
    if (room.status.value === "over") other.close();
  });
  return () => {
    follow();
    stop();
    render(null, place);
  };
}
