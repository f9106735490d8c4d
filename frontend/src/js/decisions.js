// Moving through decision cards and deciding by keyboard: J and K move, A approves, D declines, L puts off.
// The keys work anywhere inside the list, except while the reader is typing.
const TYPING = "input, textarea, select, [contenteditable]";
const BUTTON_BY_KEY = { a: "[data-verb=approve]", d: "[data-verb=decline]", l: "[data-verb=later]" };

export function decisions() {
  return {
    cards() {
      return [...this.$root.querySelectorAll("[data-decision]")];
    },

    onKey(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
      const key = event.key.toLowerCase();
      if (key === "j" || key === "k") {
        this.move(key === "j" ? 1 : -1);
      } else if (BUTTON_BY_KEY[key]) {
        this.press(BUTTON_BY_KEY[key]);
      } else {
        return;
      }
      event.preventDefault();
    },

    move(step) {
      const cards = this.cards();
      if (cards.length === 0) return;
      const here = cards.findIndex((card) => card.contains(document.activeElement));
      const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), cards.length - 1);
      cards[next].focus();
      cards[next].scrollIntoView({ block: "nearest" });
    },

    press(selector) {
      const card = this.cards().find((candidate) => candidate.contains(document.activeElement));
      card?.querySelector(selector)?.click();
    },

    // Declining needs a reason: open the field and put the reader in it.
    onDeclineToggle(event) {
      if (event.target.open) event.target.querySelector("select, textarea, input:not([type=hidden])")?.focus();
    },
  };
}
