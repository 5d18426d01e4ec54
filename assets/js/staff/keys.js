// The list of keys: the fixed ones and those that this page gives to its buttons.
export function showKeys(words, isMac) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = document.createElement("h2");
  title.id = "keys-title";
  title.className = "sheet-title";
  title.textContent = words.keys;
  const list = document.createElement("dl");
  list.className = "key-list mb-4";
  const fixed = [
    [["j", "k"], words.move],
    [["Enter"], words.open],
    [["/"], words.search],
    [[isMac ? "⌘ K" : "Ctrl K"], words.palette],
    [["?"], words.help],
  ];
  const own = [...document.querySelectorAll("[data-key]")]
    .filter((found) => found.offsetParent !== null)
    .map((found) => [[found.dataset.key], found.dataset.keyLabel || found.textContent.trim()]);
  for (const [keys, text] of [...own, ...fixed]) {
    const term = document.createElement("dt");
    term.append(...keys.flatMap((key, index) => [index ? " " : "", keycap(key)]));
    const what = document.createElement("dd");
    what.textContent = text;
    list.append(term, what);
  }
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "form-actions";
  const close = document.createElement("button");
  close.className = "btn btn-outline";
  close.textContent = words.close;
  form.append(close);
  dialog.append(title, list, form);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

function keycap(key) {
  const cap = document.createElement("kbd");
  cap.className = "kbd kbd-sm";
  cap.textContent = key;
  return cap;
}
