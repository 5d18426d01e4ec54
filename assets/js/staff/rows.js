// j and k move over the rows of the list; Enter opens the one that is marked.
const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);

export function moveRow(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("is-active"));
  const next = all[Math.min(all.length - 1, Math.max(0, at === -1 ? (by > 0 ? 0 : all.length - 1) : at + by))];
  for (const row of all) row.classList.toggle("is-active", row === next);
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

export function openRow(event) {
  const row = document.querySelector("[data-row].is-active");
  const address = row?.dataset.href ?? row?.querySelector("a[href]")?.href;
  if (!address) return;
  event.preventDefault();
  location.assign(address);
}
