// Light, dark or as the system says. The choice is a cookie, so the server writes it into the page and nothing flashes.
const COOKIE = "rapport_theme";

export function keepAppearance() {
  for (const group of document.querySelectorAll("[data-appearance]")) {
    group.hidden = false;
    show(group);
    group.addEventListener("click", (event) => {
      const choice = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
      if (choice === undefined) return;
      const age = choice ? 31_536_000 : 0;
      const secure = location.protocol === "https:" ? "; secure" : "";
      document.cookie = `${COOKIE}=${choice}; path=/; max-age=${age}; samesite=lax${secure}`;
      if (choice) document.documentElement.dataset.theme = choice;
      else delete document.documentElement.dataset.theme;
      document.querySelectorAll("[data-appearance]").forEach(show);
    });
  }
}

function show(group) {
  const now = document.documentElement.dataset.theme ?? "";
  for (const button of group.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === now));
  }
}
