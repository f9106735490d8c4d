// Everything a page needs to behave, apart from charts. No inline scripts and no eval: see the Content-Security-Policy.
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";

import { loadCharts } from "./js/chart-loader.js";
import { decisions } from "./js/decisions.js";
import { chosenFiles } from "./js/files.js";
import { keepFocus } from "./js/focus.js";
import { closeMenus, showCurrentEntry } from "./js/menus.js";
import { rowKeys } from "./js/rows.js";
import { themeSwitch } from "./js/theme.js";

// The page also says this in <meta name="htmx-config">; here it holds even where that is missing.
Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0, // pages hold personal data: none of it stays behind in the browser's storage
  refreshOnHistoryMiss: true,
  scrollBehavior: "auto",
});
window.htmx = htmx;

Alpine.data("decisions", decisions);
Alpine.data("themeSwitch", themeSwitch);
Alpine.start();

keepFocus(document);
closeMenus(document);
showCurrentEntry(document);
rowKeys(document);
chosenFiles(document);
loadCharts(document);
