// Says so where the wall is not up to date any more: a screen that stands still must not look as if all were well.
"use strict";
(() => {
  const lost = document.getElementById("lost");
  const SILENT_MS = 15000; // the clock on the page comes every five seconds
  let heard = Date.now();
  const show = (out) => {
    lost.hidden = !out;
    document.body.classList.toggle("stale", out);
  };
  document.body.addEventListener("htmx:sseMessage", () => {
    heard = Date.now();
    show(false);
  });
  document.body.addEventListener("htmx:sseError", () => show(true));
  setInterval(() => {
    if (Date.now() - heard > SILENT_MS) show(true);
  }, 1000);
})();
