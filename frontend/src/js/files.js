// Beside a file input: what was chosen and how large it is, before anything is sent.
const UNITS = ["bytes", "kB", "MB", "GB"];

export function sizeInWords(bytes) {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${UNITS[power]}`;
}

export function chosenFiles(root) {
  root.addEventListener("change", (event) => {
    const input = event.target.closest?.("input[type=file][data-files]");
    const list = input?.parentElement.querySelector("[data-chosen]");
    if (!list) return;
    list.replaceChildren(
      ...[...input.files].map((file) => {
        const item = document.createElement("li");
        item.textContent = `${file.name}, ${sizeInWords(file.size)}`;
        return item;
      }),
    );
  });
}
