// What every page gets. All of it is comfort: each page works as plain HTML without this file.
import { closeDropsOutside } from "./drops.js";
import { keepAppearance } from "./appearance.js";
import { sendTokenWithHtmx } from "./htmx.js";
import { askBeforeSubmit, openDialogs } from "./dialogs.js";
import { submitOnce } from "./submit.js";
import { focusErrors, liveForms } from "./forms.js";
import { keepTimesFresh } from "./times.js";
import { stepQuantities } from "./quantity.js";

submitOnce();
askBeforeSubmit();
openDialogs();
closeDropsOutside();
sendTokenWithHtmx();
liveForms();
keepAppearance();

const perFragment = (root) => {
  focusErrors(root);
  stepQuantities(root);
  keepTimesFresh(root);
};
perFragment(document);
document.addEventListener("htmx:load", (event) => perFragment(event.detail.elt));
