// Charts, fetched only by pages that have one. A chart is a <figure data-chart> with its data as JSON inside and the
// same numbers as a table below it; if this file never arrives, the table is still there.
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";

import { optionOf } from "./js/chart-options.js";

echarts.use([BarChart, CustomChart, LineChart, AriaComponent, GridComponent, TooltipComponent, LabelLayout, CanvasRenderer]);

const drawn = new Map();

function draw(figure) {
  const place = figure.querySelector("[data-chart-canvas]");
  const spec = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const chart = drawn.get(figure) ?? echarts.init(place, null, { renderer: "canvas" });
  chart.setOption(optionOf(spec, figure), { notMerge: true });
  figure.dataset.drawn = "yes";
  if (!drawn.has(figure)) new ResizeObserver(() => chart.resize()).observe(place);
  drawn.set(figure, chart);
}

function forgetRemoved() {
  for (const [figure, chart] of drawn) {
    if (!figure.isConnected) {
      chart.dispose();
      drawn.delete(figure);
    }
  }
}

function drawAll(root) {
  forgetRemoved();
  root.querySelectorAll("[data-chart]:not([data-drawn])").forEach(draw);
}

function redraw() {
  forgetRemoved();
  drawn.forEach((_, figure) => draw(figure));
}

document.addEventListener("eigenform:theme", redraw);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
window.eigenformCharts = { drawAll };
