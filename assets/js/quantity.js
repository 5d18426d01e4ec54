// Minus and plus beside a number box.
export function stepQuantities(root) {
  for (const box of root.querySelectorAll?.("[data-quantity]:not(.is-live)") ?? []) {
    const input = box.querySelector("input");
    const buttons = [...box.querySelectorAll("button[data-step]")];
    const show = () => {
      const value = input.valueAsNumber;
      for (const button of buttons) button.disabled = button.dataset.step < 0 ? value <= Number(input.min) : value >= Number(input.max);
    };
    for (const button of buttons) {
      button.hidden = false;
      button.addEventListener("click", () => {
        if (button.dataset.step < 0) input.stepDown();
        else input.stepUp();
        input.dispatchEvent(new Event("change", { bubbles: true }));
      });
    }
    input.addEventListener("input", show);
    input.addEventListener("change", show);
    box.classList.add("is-live");
    show();
  }
}
