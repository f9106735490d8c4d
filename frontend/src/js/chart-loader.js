// Fetches charts.js the first time a page, or a fragment that arrived later, holds a chart.
let loading = null;

function chartsUrl() {
  return document.querySelector("script[data-charts]")?.dataset.charts;
}

function fetchCharts() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = chartsUrl();
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
  return loading;
}

export function loadCharts(root) {
  const draw = async () => {
    if (!root.querySelector("[data-chart]:not([data-drawn])")) return;
    await fetchCharts();
    window.eigenformCharts.drawAll(root);
  };
  draw();
  root.addEventListener("htmx:afterSettle", draw);
}
