// Focus stays where the reader was when a fragment arrives. htmx restores it for elements that keep their id; this
// covers the rest: a replaced list item hands focus to the item that took its place.
import { linkOf } from "./rows.js";

const focusable = (item) => (item?.matches("[data-row]") ? linkOf(item) : item);

export function keepFocus(root) {
  let lost = null;

  root.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    const item = document.activeElement?.closest("[data-decision], [data-row]");
    if (!item || !target.contains(item)) {
      lost = null;
      return;
    }
    const kind = item.hasAttribute("data-decision") ? "[data-decision]" : "[data-row]";
    const items = [...document.querySelectorAll(kind)];
    lost = { kind, id: item.id, position: items.indexOf(item) };
  });

  // Not afterSettle: nothing settles where an item went and none came in its place.
  root.addEventListener("htmx:afterRequest", () => requestAnimationFrame(() => {
    if (!lost || (document.activeElement && document.activeElement !== document.body)) return;
    const items = [...document.querySelectorAll(lost.kind)];
    const same = lost.id && document.getElementById(lost.id);
    const place = same || items[Math.min(lost.position, items.length - 1)];
    (focusable(place) || document.getElementById("main"))?.focus();
    lost = null;
  }));
}
