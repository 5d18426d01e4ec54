// Draws what the table below it says, so both are always the same numbers. Series differ by dash as well as by colour.
import uPlot from "uplot";

const COLOURS = ["--color-primary", "--color-warning", "--color-accent", "--color-error", "--color-info"];
const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4], [1, 4]];
const drawn = new Map();

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
// The server writes English the British way.
const locale = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
const LEGEND_HEIGHT = 40;
const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });

function read(table) {
  const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const lines = [...table.tBodies[0].rows];
  const marks = lines.map((line) => line.cells[0].dataset.x);
  const dated = marks.length > 0 && marks.every((mark) => /^\d{4}-\d{2}-\d{2}/.test(mark));
  const xs = dated ? marks.map((mark) => Date.parse(mark) / 1000) : marks.map((_, index) => index);
  const labels = lines.map((line) => line.cells[0].textContent);
  const ys = names.slice(1).map((_, at) => lines.map((line) => (line.cells[at + 1].dataset.y === undefined ? null : Number(line.cells[at + 1].dataset.y))));
  return { names, dated, labels, data: [xs, ...ys] };
}

function draw(box) {
  const { names, dated, labels, data } = read(document.getElementById(box.dataset.table));
  if (!data[0].length) return;
  box.hidden = false;
  const kind = box.dataset.chart;
  const quiet = css("--muted") || css("--color-base-content");
  const axis = { stroke: quiet, grid: { stroke: css("--color-base-300"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const series = names.slice(1).map((name, index) => {
    const colour = css(COLOURS[index % COLOURS.length]);
    return {
      label: name,
      stroke: colour,
      width: kind === "bar" ? 0 : 2,
      dash: DASHES[index % DASHES.length],
      fill: kind === "bar" ? colour : kind === "area" && index === 0 ? `${colour}22` : undefined,
      paths: kind === "bar" ? uPlot.paths.bars({ size: [0.6, 48], radius: 0.15 }) : undefined,
      points: { show: kind !== "bar" && data[0].length < 15, size: 6 },
      value: (_, value) => (value === null || value === undefined ? "–" : number.format(value)),
    };
  });
  drawn.get(box)?.destroy();
  const plot = new uPlot(
    {
      width: box.clientWidth,
      height: Number.parseFloat(getComputedStyle(box).minHeight) - LEGEND_HEIGHT,
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { x: { time: false, range: kind === "bar" ? (_, low, high) => pad(data[0], low, high) : undefined }, y: { range: (_, low, high) => span(low, high) } },
      axes: [
        { ...axis, grid: { show: false }, space: 72, incrs: dated ? undefined : [1, 2, 5, 10, 20, 50, 100], values: (_, at) => at.map((x) => (dated ? day.format(x * 1000) : (labels[x] ?? ""))) },
        { ...axis, size: 44, values: (_, at) => at.map((y) => compact.format(y)) },
      ],
      series: [{ label: names[0], value: (_, x, __, index) => (index === null || index === undefined ? "–" : labels[index]) }, ...series],
    },
    data,
    box,
  );
  drawn.set(box, plot);
}

function pad(xs, low, high) {
  const step = xs.length > 1 ? (xs[xs.length - 1] - xs[0]) / (xs.length - 1) : 1;
  return [low - step / 2, high + step / 2];
}

// Zero is always in view: a cut axis makes small changes look large.
function span(low, high) {
  const top = Math.max(0, high ?? 0);
  const bottom = Math.min(0, low ?? 0);
  return [bottom * 1.08, top === bottom ? 1 : top * 1.08];
}

const boxes = [...document.querySelectorAll("[data-chart]")];
const all = () => boxes.forEach(draw);
for (const box of boxes) {
  box.closest("figure").querySelector("details.chart-data").open = false;
  draw(box);
  new ResizeObserver(() => {
    const plot = drawn.get(box);
    if (plot && plot.width !== box.clientWidth) plot.setSize({ width: box.clientWidth, height: plot.height });
  }).observe(box);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
new MutationObserver(all).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
