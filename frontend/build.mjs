// Builds the pages' assets into the folder named on the command line.
// Four files, no hashes in their names (Django's manifest storage adds them):
// app.css, app.js, charts.js (loaded only where a chart is) and icons.svg (one symbol per file in src/icons).
import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, "../src/eigenform/web/static/eigenform/dist"));

async function iconSprite(folder) {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".svg")).sort();
  const symbols = await Promise.all(files.map(async (name) => {
    const svg = (await readFile(path.join(folder, name), "utf8")).trim();
    const inner = svg.replace(/^<svg[^>]*>/, "").replace(/<\/svg>$/, "").trim();
    return `<symbol id="${path.basename(name, ".svg")}" viewBox="0 0 24 24" fill="none" stroke="currentColor" `
      + `stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
  }));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: ["app.css", "app.js", "charts.js"].map((name) => path.join(here, "src", name)),
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome123", "firefox121", "safari17.5"], // the first to know light-dark() and :has(), which the style uses
  legalComments: "linked",
  logLevel: "warning",
});
await writeFile(path.join(out, "icons.svg"), await iconSprite(path.join(here, "src/icons")));

// The web server hands out the copy that the browser accepts, so that nothing is compressed twice.
for (const name of ["app.css", "app.js", "charts.js", "icons.svg"]) {
  const content = await readFile(path.join(out, name));
  await writeFile(path.join(out, `${name}.gz`), gzipSync(content, { level: 9 }));
  await writeFile(path.join(out, `${name}.br`), brotliCompressSync(content));
}
