// Tells the server what happens in this page. The server puts this file into pages only after a yes, and asks for
// consent again whenever something arrives. Nothing typed is read, besides the words of a search.
import { Sender } from "./clicks/sender.js";
import { watchForms } from "./clicks/forms.js";
import { watchLists } from "./clicks/lists.js";
import { watchTime } from "./clicks/time.js";

function facts() {
  const main = document.querySelector("main");
  const kind = main?.dataset.pageKind;
  const id = main?.dataset.pageId;
  return { path: location.pathname, ...(kind && { kind }), ...(id && { id: id.slice(0, 80) }) };
}

function cameFrom() {
  try {
    const from = new URL(document.referrer);
    return from.host === location.host ? {} : { referrer: from.origin + "/" };
  } catch {
    return {};
  }
}

const refuses = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";

if (!refuses && "sendBeacon" in navigator) {
  const sender = new Sender("/api/v1/events/batch", facts);
  const seen = () => {
    const page = facts();
    sender.add({ type: "page", properties: { ...page, ...cameFrom() } });
    const query = new URLSearchParams(location.search).get("q")?.trim();
    if (query && (page.kind === "search" || page.kind === "help-search")) {
      const results = Number.parseInt(document.querySelector("main")?.dataset.results ?? "", 10);
      sender.track("Products Searched", { query: query.slice(0, 500), ...(results >= 0 && { results }) });
    }
  };
  seen();
  watchTime(sender, seen);
  watchLists(sender, facts);
  watchForms(sender);
  document.addEventListener("htmx:pushedIntoHistory", seen);
}
