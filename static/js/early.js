// A classic script in the head of every page: a remembered theme is set before the first paint, so nothing flashes white.
// The key and its values are those of views/parts/theme.js.
try {
  const theme = localStorage.getItem("sabak.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden in this browser: the system's theme it is.
}

// A part of the page that did not come (the line broke, the phone went to another network) would leave it empty for good,
// since browsers ask for a module once: the page is loaded again, sooner or later, a few times. What came is kept by them.
(() => {
  const KEY = "sabak.again";
  const WAITS = [500, 2000, 5000, 10_000];
  let failed = false;
  const tried = () => {
    try {
      return Number(sessionStorage.getItem(KEY) ?? 0);
    } catch {
      return WAITS.length; // Without a memory it could go on for ever.
    }
  };
  const note = (/** @type {number} */ times) => {
    try {
      if (times === 0) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, String(times));
    } catch {
      // Storage is forbidden in this browser.
    }
  };
  addEventListener(
    "error",
    (event) => {
      if (failed || !(event.target instanceof HTMLScriptElement)) return;
      failed = true;
      const times = tried();
      const wait = WAITS[times];
      if (wait === undefined) return note(0);
      note(times + 1);
      const again = () => setTimeout(() => location.reload(), wait);
      if (navigator.onLine) again();
      else addEventListener("online", again, { once: true });
    },
    true,
  );
  addEventListener("load", () => failed || note(0));
})();
