// How long the page was really in sight: a page behind others counts for nothing.
const SHORTEST = 300;
const LONGEST = 30 * 60 * 1000;

export function watchTime(sender, seen) {
  let since = document.visibilityState === "visible" ? performance.now() : null;

  function pause() {
    if (since !== null) {
      const shown = Math.round(performance.now() - since);
      since = null;
      if (shown >= SHORTEST) sender.track("Page Left", { dwell_ms: Math.min(shown, LONGEST) });
    }
    sender.leave();
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") pause();
    else since ??= performance.now();
  });
  addEventListener("pagehide", pause);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    since = performance.now();
    seen();
  });
}
