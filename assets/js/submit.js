// One press, one submission. The button is disabled after the browser has collected the form, so its name and value still travel.
const BUSY = "data-busy";

export function submitOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[data-many]")) return;
    if (form.hasAttribute(BUSY)) {
      event.preventDefault();
      return;
    }
    form.setAttribute(BUSY, "");
    setTimeout(() => setButtons(form, true), 0);
  });

  const release = (form) => {
    form.removeAttribute(BUSY);
    setButtons(form, false);
  };
  // A page that comes back from the browser's cache must be usable again.
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll(`form[${BUSY}]`).forEach(release);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form?.hasAttribute(BUSY)) release(form);
  });
  // A download answers without leaving the page.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-download]")) setTimeout(() => release(event.target), 2000);
  });
}

function setButtons(form, busy) {
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
    button.disabled = busy;
    if (busy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}
