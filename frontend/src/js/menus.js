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
