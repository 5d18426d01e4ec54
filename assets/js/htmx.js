// The settings of htmx stand in <meta name="htmx-config">. Here: the token for its own changing requests, and what people hear when one fails.
export function sendTokenWithHtmx() {
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector('meta[name="csrf-token"]')?.content;
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
    // Empty filters only make the address longer.
    if (event.detail.verb === "get" && event.target.matches?.("form.filters")) {
      const { parameters } = event.detail;
      for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
    }
  });
  const plainly = (event) => {
    // The enhanced way failed: the plain one shows the person what is wrong.
    const element = event.detail.elt;
    if (element?.matches?.("form") && element.method === "get") element.submit();
  };
  document.addEventListener("htmx:sendError", plainly);
  document.addEventListener("htmx:responseError", plainly);
}
