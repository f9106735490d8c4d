// Turns a chart's description (see docs/guide/design.md) into ECharts options. Colours come from the page's tokens,
// so that a chart follows the theme; the tooltip is drawn on the canvas, because inline styles are forbidden.
const number = new Intl.NumberFormat(document.documentElement.lang || "en-GB", { maximumSignificantDigits: 4 });

// For the axis only: money is in minor units, the description says how many make one and what stands before it.
const axisText = (spec) => (value) =>
  `${value < 0 ? "\u2212" : ""}${spec.y_prefix ?? ""}${number.format(Math.abs(value) / (spec.y_divide ?? 1))}${spec.y_suffix ?? ""}`;

// A point's own words come from the server, rounded as its interval allows.
function pointText({ texts: [mean, low, high], n }) {
  return `${mean}${low === "–" ? "" : ` (${low} to ${high})`}${n === null ? "" : `, n ${n}`}`;
}

function tokens(element) {
  const probe = document.createElement("span");
  element.append(probe);
  const resolve = (name) => {
    probe.className = `ef-probe ef-probe-${name}`;
    return getComputedStyle(probe).color;
  };
  const names = ["text", "muted", "line", "surface", "s1", "s2", "s3", "s4"];
  const found = Object.fromEntries(names.map((name) => [name, resolve(name)]));
  probe.remove();
  return { ...found, series: [found.s1, found.s2, found.s3, found.s4], font: getComputedStyle(element).fontFamily };
}

const calm = () => navigator.webdriver || window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function base(spec, look) {
  const text = { color: look.muted, fontFamily: look.font, fontSize: 12 };
  return {
    animation: !calm(),
    animationDuration: 150,
    animationDurationUpdate: 0,
    textStyle: { fontFamily: look.font },
    aria: { enabled: true, label: { description: `${spec.title}. ${spec.sentence}` } },
    grid: { left: 8, right: spec.series?.length > 1 ? 96 : 24, top: 32, bottom: spec.x_label ? 28 : 8, containLabel: true },
    tooltip: {
      renderMode: "richText", confine: true, backgroundColor: look.surface, borderColor: look.line,
      textStyle: { ...text, color: look.text }, transitionDuration: 0,
    },
    xAxis: {
      name: spec.x_label, nameLocation: "middle", nameGap: 28, nameTextStyle: text,
      axisLine: { lineStyle: { color: look.line } }, axisTick: { show: false }, axisLabel: { ...text, hideOverlap: true },
      splitLine: { show: false },
    },
    yAxis: {
      name: spec.y_label, nameLocation: "end", nameTextStyle: { ...text, align: "left" }, scale: !spec.y_zero,
      axisLabel: { ...text, formatter: axisText(spec) }, splitLine: { lineStyle: { color: look.line } },
    },
  };
}

const isDate = (x) => typeof x === "string" && /^\d{4}-\d{2}-\d{2}/.test(x);

function bandPolygon(points, colour) {
  return (params, api) => {
    if (params.context.drawn) return null;
    params.context.drawn = true;
    const upper = points.map((p) => api.coord([p.x, p.high]));
    const lower = points.map((p) => api.coord([p.x, p.low])).reverse();
    return { type: "polygon", shape: { points: [...upper, ...lower] }, style: { fill: colour, opacity: 0.16 }, silent: true };
  };
}

function lineBand(spec, look) {
  const option = base(spec, look);
  const dashes = ["solid", "dashed", "dotted", [8, 3, 2, 3]];
  const dated = spec.series.some((line) => line.points.some((p) => isDate(p.x)));
  option.xAxis.type = dated ? "time" : "value";
  if (!dated) option.xAxis.scale = true;
  option.tooltip = {
    ...option.tooltip, trigger: "axis",
    formatter: (items) => {
      const shown = items.filter((item) => item.seriesType === "line");
      if (shown.length === 0) return "";
      const x = spec.series[shown[0].seriesIndex / 2 | 0].points[shown[0].dataIndex].x;
      return [x, ...shown.map((item) => {
        const p = spec.series[item.seriesIndex / 2 | 0].points[item.dataIndex];
        return `${item.seriesName}: ${pointText(p)}`;
      })].join("\n");
    },
  };
  option.series = spec.series.flatMap((line, index) => {
    const colour = look.series[index % look.series.length];
    const banded = line.points.filter((p) => typeof p.low === "number" && typeof p.high === "number");
    return [
      {
        type: "line", name: line.name, data: line.points.map((p) => [p.x, p.mean]), showSymbol: line.points.length < 30,
        symbolSize: 5, lineStyle: { color: colour, width: 2, type: dashes[index % dashes.length] }, itemStyle: { color: colour }, z: 3,
        endLabel: { show: spec.series.length > 1, formatter: "{a}", color: colour, fontFamily: look.font, lineHeight: 18, width: 88, overflow: "truncate" },
        labelLayout: { moveOverlap: "shiftY" }, // lines that end at one place keep both names
      },
      // Both ends of the band are data, so that the axis makes room for them.
      {
        type: "custom", name: `${line.name} interval`, silent: true, tooltip: { show: false }, z: 1, clip: true,
        data: banded.flatMap((p) => [[p.x, p.low], [p.x, p.high]]), renderItem: bandPolygon(banded, colour),
      },
    ];
  });
  if (spec.y_reference !== null && spec.y_reference !== undefined) {
    option.series.push(reference(spec, look, dated));
  }
  return option;
}

function reference(spec, look) {
  const xs = spec.series.flatMap((line) => line.points.map((p) => p.x));
  const ends = [xs.reduce((a, b) => (a < b ? a : b)), xs.reduce((a, b) => (a > b ? a : b))];
  return {
    type: "line", name: "reference", silent: true, showSymbol: false, data: ends.map((x) => [x, spec.y_reference]),
    lineStyle: { color: look.muted, width: 1 }, tooltip: { show: false }, z: 2,
  };
}

function bars(spec, look) {
  const option = base(spec, look);
  const points = spec.series[0].points;
  option.yAxis.scale = false; // length means amount
  option.xAxis.type = "category";
  option.xAxis.data = points.map((p) => String(p.x));
  option.tooltip.trigger = "item";
  option.tooltip.formatter = (item) => {
    const p = points[item.dataIndex];
    return `${p.x}: ${pointText(p)}`;
  };
  option.series = [{
    type: "bar", name: spec.series[0].name, data: points.map((p) => p.mean), itemStyle: { color: look.s1 }, barMaxWidth: 40,
    barCategoryGap: spec.kind === "histogram" ? "2%" : "35%",
  }];
  const whiskers = points.flatMap((p, index) => (typeof p.low === "number" ? [[index, p.low, p.high]] : []));
  if (whiskers.length) option.series.push(whisker(whiskers, look));
  return option;
}

function whisker(data, look) {
  return {
    type: "custom", silent: true, z: 4, data, encode: { x: 0, y: [1, 2] }, tooltip: { show: false },
    renderItem: (_, api) => {
      const [x, low] = api.coord([api.value(0), api.value(1)]);
      const [, high] = api.coord([api.value(0), api.value(2)]);
      return { type: "line", shape: { x1: x, y1: low, x2: x, y2: high }, style: { stroke: look.text, lineWidth: 1.5 } };
    },
  };
}

const OPTION_BY_KIND = { line_band: lineBand, histogram: bars, bars };

export function optionOf(spec, element) {
  return OPTION_BY_KIND[spec.kind](spec, tokens(element));
}
