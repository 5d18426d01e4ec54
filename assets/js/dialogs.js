// Questions before a deed, and modal windows. The question is a real dialog: it traps the focus, Escape closes it, the focus returns.
export function askBeforeSubmit() {
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
      if (!question || form.dataset.confirmed) {
        delete form.dataset.confirmed;
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      const verb = event.submitter?.textContent.trim() || event.submitter?.getAttribute("aria-label");
      ask(question, verb, event.submitter?.classList.contains("btn-error")).then((yes) => {
        if (!yes) return;
        form.dataset.confirmed = "1";
        form.requestSubmit(event.submitter);
      });
    },
    true,
  );
}

function ask(question, verb, grave) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet";
  const text = document.createElement("p");
  text.id = "ask-text";
  text.className = "text-base mb-4";
  text.textContent = question;
  dialog.setAttribute("aria-labelledby", text.id);
  const row = document.createElement("form");
  row.method = "dialog";
  row.className = "form-actions";
  const words = document.documentElement.dataset;
  row.append(button("yes", verb || words.yes || "OK", `btn ${grave ? "btn-error" : "btn-primary"}`), button("no", words.cancel || "Cancel", "btn btn-ghost"));
  dialog.append(text, row);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

function button(value, label, classes) {
  const made = document.createElement("button");
  made.value = value;
  made.textContent = label;
  made.className = classes;
  return made;
}

export function openDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-dialog]");
    if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
    // A press on the backdrop, which counts as the dialog itself, closes it.
    if (event.target.matches("dialog.sheet") && !insideBox(event.target, event)) event.target.close();
    const close = event.target.closest("[data-close-fold]");
    if (close) {
      const fold = close.closest("details");
      fold.open = false;
      fold.querySelector("summary").focus();
    }
  });
}

function insideBox(element, { clientX, clientY }) {
  const box = element.getBoundingClientRect();
  return clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom;
}
