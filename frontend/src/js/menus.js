// A menu is a <details data-menu>: it works without this; with it, Escape and a click elsewhere close it.
export function closeMenus(root) {
  const openMenus = () => [...root.querySelectorAll("details[data-menu][open]")];

  root.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}

// On a phone the navigation is a bar that scrolls sideways: show the entry that the reader is on.
export function showCurrentEntry(root) {
  const entry = root.querySelector(".ef-nav [aria-current]");
  const bar = entry?.closest(".ef-nav");
  if (bar) bar.scrollLeft = entry.getBoundingClientRect().left - bar.clientWidth / 2 + entry.clientWidth / 2;
}
