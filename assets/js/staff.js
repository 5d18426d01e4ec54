// The staff console is worked by keyboard. Keys act only outside of text boxes and dialogs.
import { openPalette } from "./staff/palette.js";
import { showKeys } from "./staff/keys.js";
import { moveRow, openRow } from "./staff/rows.js";

const words = JSON.parse(document.body.dataset.words ?? "{}");
const isMac = /mac|iphone|ipad/i.test(navigator.platform);

const typing = (element) => element.closest("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable=true]");
const focusSearch = () => {
  // The search of the list on the page comes before the one of the whole console.
  const found = [...document.querySelectorAll("main [data-search]"), ...document.querySelectorAll("[data-global-search]")];
  const box = found.find((one) => one.offsetParent !== null);
  box?.focus();
  box?.select();
};

document.addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k" && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    openPalette(words);
    return;
  }
  if (event.metaKey || event.ctrlKey || event.altKey || event.isComposing || typing(event.target) || document.querySelector("dialog[open]")) return;
  const actions = {
    "?": () => showKeys(words, isMac),
    "/": focusSearch,
    j: () => moveRow(1),
    k: () => moveRow(-1),
  };
  if (event.key === "Enter") {
    if (event.target === document.body || event.target.matches("[data-row]")) openRow(event);
    return;
  }
  const action = actions[event.key] ?? keyOfPage(event.key);
  if (!action) return;
  event.preventDefault();
  action();
});

function keyOfPage(key) {
  if (key.length !== 1) return undefined;
  const owner = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((found) => found.offsetParent !== null);
  if (!owner) return undefined;
  return () => {
    if (owner.matches("input, textarea, select")) owner.focus();
    else owner.click();
  };
}

for (const button of document.querySelectorAll("[data-show-keys]")) {
  button.hidden = false;
  button.addEventListener("click", () => showKeys(words, isMac));
}
for (const button of document.querySelectorAll("[data-open-palette]")) {
  button.hidden = false;
  if (isMac) button.textContent = "⌘ K";
  button.addEventListener("click", () => openPalette(words));
}
