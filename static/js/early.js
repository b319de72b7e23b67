// A classic script in the head of every page: a remembered theme is set before the first paint, so nothing flashes white.
// The key and its values are those of views/parts/theme.js.
try {
  const theme = localStorage.getItem("sabak.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden in this browser: the system's theme it is.
}
