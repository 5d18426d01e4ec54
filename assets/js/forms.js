// Focus goes to the list of errors when a form comes back with some; small live parts of forms.
export function focusErrors(root) {
  const summary = root.querySelector?.("[data-error-summary]");
  if (summary) {
    summary.focus({ preventScroll: false });
  }
  for (const button of root.querySelectorAll?.("[data-close-fold], [data-print], [data-copy]") ?? []) button.hidden = false;
}

export function liveForms() {
  document.addEventListener("change", (event) => {
    const control = event.target;
    if (control.matches("[data-autosubmit]")) control.form?.requestSubmit();
    if (control.matches("[data-select-all]")) {
      const name = control.dataset.selectAll;
      for (const box of document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`)) box.checked = control.checked;
    }
  });
  document.addEventListener("input", (event) => {
    const expected = event.target.dataset?.mustEqual;
    if (expected === undefined) return;
    const button = event.target.form?.querySelector("button[type=submit]");
    if (button) button.disabled = event.target.value.trim() !== expected;
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      navigator.clipboard?.writeText(copy.dataset.copy).then(() => {
        const label = copy.dataset.copied;
        if (label) copy.textContent = label;
      });
    }
    // An article that was opened beside a form counts as read.
    const ticks = event.target.closest("[data-ticks]");
    if (ticks) {
      const box = document.getElementById(ticks.dataset.ticks);
      if (box) box.checked = true;
    }
    // A link of the error list puts the focus into the control, also where it is a group.
    const link = event.target.closest("[data-error-summary] a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (target) {
      event.preventDefault();
      target.scrollIntoView({ block: "center" });
      (target.matches("fieldset") ? target.querySelector("input") : target)?.focus({ preventScroll: true });
    }
  });
}
