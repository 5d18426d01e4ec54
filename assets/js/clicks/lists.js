// Which product was chosen out of which list, and anything else that a page marks with data-click.
function productOf(card) {
  return card.dataset.productId || card.querySelector('input[name="product_id"]')?.value;
}

function listOf(card, facts) {
  const named = card.closest("section[aria-labelledby]")?.getAttribute("aria-labelledby");
  const { kind, id } = facts();
  const name = card.closest("[data-list-id]")?.dataset.listId || (kind === "search" ? "search" : named || id || kind);
  return /^[A-Za-z0-9][\w.:-]{0,63}$/.test(name ?? "") ? { list_id: name } : {};
}

export function watchLists(sender, facts) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const card = link?.closest(".product");
    const product = card && productOf(card);
    if (product) {
      const cards = [...(card.closest(".product-grid")?.querySelectorAll(".product") ?? [])];
      const place = cards.indexOf(card);
      sender.track("Product Clicked", { product_id: product, ...listOf(card, facts), ...(place >= 0 && { position: place + 1 }) });
      return;
    }
    const marked = event.target.closest("[data-click]");
    if (marked) {
      const { click, clickProduct } = marked.dataset;
      sender.track(click, clickProduct ? { product_id: clickProduct } : {});
    }
  });
}
