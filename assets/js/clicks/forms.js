// Forms: that one was begun and sent, and what went into the cart. Never what was typed.
const UNWATCHED = /^\/(language|sign-out|sign-in|privacy)/;

function pathOf(form) {
  try {
    return new URL(form.getAttribute("action") || location.href, location.href).pathname;
  } catch {
    return "/";
  }
}

// The plain words of the address: what could be an id or a secret stays out.
function nameOf(form) {
  const words = pathOf(form).split("/").filter((part) => /^[a-z][a-z-]{0,29}$/.test(part));
  return (form.dataset.form || words.slice(0, 2).join("-") || "form").slice(0, 64);
}

function isWatched(form) {
  return form?.method === "post" && !UNWATCHED.test(pathOf(form));
}

function changeOfCart(form) {
  const path = pathOf(form);
  const quantity = Number.parseInt(form.elements.quantity?.value ?? "1", 10);
  if (path === "/cart/items" && form.elements.product_id) {
    return ["Product Added", { product_id: form.elements.product_id.value, ...(quantity > 0 && { quantity }) }];
  }
  const removed = path.match(/^\/cart\/items\/([\w-]+)\/remove$/);
  return removed ? ["Product Removed", { product_id: removed[1] }] : null;
}

export function watchForms(sender) {
  const begun = new WeakSet();
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!isWatched(form) || begun.has(form) || pathOf(form).startsWith("/cart/")) return;
    begun.add(form);
    sender.track("Form Started", { form: nameOf(form) });
  });
  // The submission itself may be refused or changed by other scripts; what counts is that somebody sent the form.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!isWatched(form)) return;
      const change = changeOfCart(form);
      if (change) sender.track(...change);
      else if (!pathOf(form).startsWith("/cart/")) sender.track("Form Submitted", { form: nameOf(form) });
    },
    true,
  );
}
