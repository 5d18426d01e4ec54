// Cmd-K: one box that finds people, orders, cases and pages. The server decides what this person may find.
const WAIT_MS = 120;

export function openPalette(words) {
  if (document.querySelector("dialog.palette")) return;
  const dialog = document.createElement("dialog");
  dialog.className = "sheet palette";
  dialog.setAttribute("aria-label", words.palette);
  const input = document.createElement("input");
  Object.assign(input, { type: "text", className: "palette-input", placeholder: words.type, autocomplete: "off", spellcheck: false, maxLength: 200 });
  const attributes = { role: "combobox", "aria-label": words.palette, "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list" };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  const list = document.createElement("div");
  list.id = "palette-list";
  list.className = "palette-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.results);
  const note = document.createElement("p");
  note.className = "palette-note";
  note.setAttribute("role", "status");
  note.hidden = true;
  dialog.append(input, list, note);
  document.body.append(dialog);

  let items = [];
  let chosen = 0;
  let asked;
  let timer;

  const mark = () => {
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
    const current = list.children[chosen];
    if (current) {
      input.setAttribute("aria-activedescendant", current.id);
      current.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const go = (item) => item && location.assign(item.url);
  const show = (found) => {
    items = found.filter((item) => item.url.startsWith("/") && !item.url.startsWith("//"));
    chosen = 0;
    list.replaceChildren(...items.map(option));
    note.hidden = items.length > 0;
    note.textContent = items.length ? "" : words.nothing;
    mark();
  };
  const option = (item, index) => {
    const line = document.createElement("div");
    line.id = `palette-${index}`;
    line.setAttribute("role", "option");
    const label = document.createElement("span");
    label.className = "min-w-0 truncate";
    label.textContent = item.label;
    const kind = document.createElement("span");
    kind.className = "palette-kind";
    kind.textContent = item.kind ?? "";
    line.append(label, kind);
    line.addEventListener("click", () => go(item));
    return line;
  };
  const search = async () => {
    asked?.abort();
    asked = new AbortController();
    const address = `${document.body.dataset.paletteUrl}?${new URLSearchParams({ q: input.value.trim() })}`;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: asked.signal, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const body = await answer.json();
      show(Array.isArray(body) ? body : (body.items ?? []));
    } catch (error) {
      if (error.name === "AbortError") return;
      list.replaceChildren();
      items = [];
      note.hidden = false;
      note.textContent = words.failed;
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move && items.length) {
      event.preventDefault();
      chosen = (chosen + move + items.length) % items.length;
      mark();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      go(items[chosen]);
    }
  });
  dialog.addEventListener("close", () => {
    clearTimeout(timer);
    asked?.abort();
    dialog.remove();
  });
  dialog.showModal();
  search();
}
