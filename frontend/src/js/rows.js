// List rows: Enter or a click opens a row's link, arrow keys and J/K move between rows. The link itself stays a link.
const INTERACTIVE = "a, button, input, select, textarea, summary, label";
const STEP = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

const linkOf = (row) => row.querySelector("a[data-row-link]") ?? row.querySelector("a[href]");

export function rowKeys(root) {
  root.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("tr[data-row]");
    if (!row || event.target !== row) return;
    if (event.key === "Enter") {
      linkOf(row)?.click();
    } else if (STEP[event.key]) {
      const rows = [...row.closest("table").querySelectorAll("tr[data-row]")];
      rows[rows.indexOf(row) + STEP[event.key]]?.focus();
    } else {
      return;
    }
    event.preventDefault();
  });

  root.addEventListener("click", (event) => {
    const row = event.target.closest?.("tr[data-row]");
    if (!row || event.target.closest(INTERACTIVE) || window.getSelection()?.toString()) return;
    linkOf(row)?.click();
  });
}
