// List rows: a click anywhere opens the row's link, the arrow keys and J/K walk from link to link. Enter opens the
// link that has the focus, or the row's own if the row itself has it.
const INTERACTIVE = "a, button, input, select, textarea, summary, label";
const TYPING = "input, select, textarea";
const STEP = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

export const linkOf = (row) => row.querySelector("a[data-row-link]") ?? row.querySelector("a[href]");

export function rowKeys(root) {
  root.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("tr[data-row]");
    if (row && event.target === row && event.key === "Enter") linkOf(row)?.click();
    const step = STEP[event.key];
    if (!row || !step || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
    const rows = [...row.closest("table").querySelectorAll("tr[data-row]")];
    const next = rows[rows.indexOf(row) + step];
    if (next) linkOf(next)?.focus();
    event.preventDefault();
  });

  root.addEventListener("click", (event) => {
    const row = event.target.closest?.("tr[data-row]");
    if (!row || event.target.closest(INTERACTIVE) || window.getSelection()?.toString()) return;
    linkOf(row)?.click();
  });
}
