// "5 minutes ago" stays true while the page is open. The server wrote the first text, so only times of the last day are touched.
const STEPS = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
];
const watched = new Set();
let timer;

export function keepTimesFresh(root) {
  for (const time of root.querySelectorAll?.("time[data-relative]") ?? []) watched.add(time);
  if (watched.size && !timer) timer = setInterval(refresh, 30_000);
}

function refresh() {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  for (const time of watched) {
    if (!time.isConnected) {
      watched.delete(time);
      continue;
    }
    let amount = (Date.parse(time.dateTime) - Date.now()) / 1000;
    for (const [unit, size] of STEPS) {
      if (Math.abs(amount) < size) {
        time.textContent = format.format(unit === "second" ? 0 : Math.round(amount), unit === "second" ? "minute" : unit);
        break;
      }
      amount /= size;
    }
  }
}
