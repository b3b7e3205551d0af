// Draws the charts of the overview from /charts/*.json; the tables at /charts say the same without it.
"use strict";

(() => {
  const EVERY_MS = 60_000;
  const MANY = 200;
  const HEIGHT = 180;
  const PER_HOUR = 12;
  const DAY_S = 86_400;
  const SPANS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, DAY_S, 2 * DAY_S, 7 * DAY_S];
  const WHOLE = [1, 2, 5].flatMap((each) => [each, 10 * each, 100 * each, 1e3 * each, 1e4 * each, 1e5 * each]).sort((a, b) => a - b);
  const COLOURS = { cap: 1, at_site: 3, target: 6, running: 1, completed: 3, normal: 3, held: 2, unknown: 5, idle: 6, total: 1 };
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const plots = new Map();

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const day = (date) => `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  const clock = (date) => date.toISOString().slice(11, 16);
  const number = (value) => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });

  // 95 s, 12 min, 3.5 h: seconds in the unit that suits them.
  const span = (s) => (s < 120 ? `${number(s)} s` : s < 7200 ? `${number(s / 60)} min` : `${number(s / 3600)} h`);

  // Times are UTC, as everywhere on these pages.
  const tick = (step) => (seconds) => {
    const date = new Date(seconds * 1000);
    return step >= DAY_S || seconds % DAY_S === 0 ? day(date) : clock(date);
  };

  // What was counted in five minutes is mostly 0 or 1: counts are added up by the hour, the hour that goes on left out.
  const hourly = (found) => {
    if (found.measure !== "count" || found.x.length < MANY || found.step_s * PER_HOUR !== 3600) return found;
    const first = found.x.findIndex((at) => at % 3600 === 0);
    const last = found.x[found.x.length - 1] + found.step_s;
    const starts = found.x.filter((at) => at % 3600 === 0 && at + 3600 <= last);
    const sum = (y) => starts.map((_, hour) => {
      const part = y.slice(first + hour * PER_HOUR, first + (hour + 1) * PER_HOUR).filter((each) => each !== null);
      return part.length ? part.reduce((left, right) => left + right) : null;
    });
    return { ...found, step_s: 3600, x: starts, lines: found.lines.map((line) => ({ ...line, y: sum(line.y) })) };
  };

  const colours = (names) => {
    const free = [1, 2, 3, 5, 4, 6];
    return names.map((name, index) => style(`--series-${COLOURS[name] ?? free[index % free.length]}`));
  };

  // A number between two gaps is no line: it is a point.
  const alone = (plot, index) => {
    const y = plot.data[index];
    const gap = (at) => y[at] === null || y[at] === undefined;
    return [...y.keys()].filter((at) => !gap(at) && gap(at - 1) && gap(at + 1));
  };

  const words = (name) => (name ?? "no route").replaceAll("_", " ");

  const options = (found, width) => {
    const said = found.unit === "seconds" ? span : number;
    const shades = colours(found.lines.map((line) => line.name));
    const axis = { stroke: style("--soft"), grid: { stroke: style("--line"), width: 1 }, ticks: { show: false } };
    const font = "12px system-ui, sans-serif";
    return {
      width, height: HEIGHT, padding: [12, 20, 0, 0],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: { y: { range: (_, least, most) => [0, Math.max(1, most ?? 1) * 1.08] } },
      axes: [
        { ...axis, font, space: 70, size: 30, values: (_, splits, __, ___, step) => splits.map(tick(step)) },
        { ...axis, font, size: 54, incrs: found.unit === "seconds" ? SPANS : WHOLE, values: (_, splits) => splits.map(said) },
      ],
      series: [
        { label: "UTC", value: (_, at) => (at === null ? "–" : `${day(new Date(at * 1000))} ${clock(new Date(at * 1000))}`) },
        ...found.lines.map((line, index) => ({
          label: words(line.name), stroke: shades[index], width: 1.75,
          points: { show: true, size: 4, fill: shades[index], filter: alone },
          value: (_, value) => (value === null || value === undefined ? "–" : said(value)),
        })),
      ],
    };
  };

  // The legend shows the newest numbers that are known as long as nobody points at others.
  // uPlot clears it when it draws, in a microtask that was queued before this one.
  const rest = (plot) => queueMicrotask(() => {
    let last = plot.data[0].length - 1;
    while (last > 0 && plot.data.slice(1).every((y) => y[last] === null)) last -= 1;
    plot.setLegend({ idx: last });
  });

  const known = (found) => found.lines.some((line) => line.y.some((each) => each !== null));

  const draw = (place, found) => {
    const columns = [found.x, ...found.lines.map((line) => line.y)];
    const names = JSON.stringify(found.lines.map((line) => line.name));
    const old = plots.get(place);
    if (old && old.names === names) {
      old.plot.setData(columns);
      rest(old.plot);
      return;
    }
    old?.plot.destroy();
    plots.delete(place);
    place.replaceChildren();
    place.classList.toggle("empty", !known(found));
    if (!known(found)) {
      place.textContent = `Nothing is on record yet: a number comes every ${span(found.step_s)}.`;
      return;
    }
    const plot = new uPlot(options(found, place.clientWidth), columns, place);
    plot.over.addEventListener("mouseleave", () => rest(plot));
    plots.set(place, { plot, names });
    rest(plot);
  };

  const load = async (place) => {
    try {
      const answer = await fetch(place.dataset.chart, { signal: AbortSignal.timeout(20_000) });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const found = hourly(await answer.json());
      if (place.isConnected) draw(place, found);
      place.dataset.drawn = "yes";
    } catch (error) {
      if (!plots.has(place)) place.textContent = `The chart cannot be had (${error.message}); the tables have the numbers.`;
    }
  };

  const all = () => {
    for (const [place, { plot }] of plots) {
      if (place.isConnected) continue;
      plot.destroy();
      plots.delete(place);
    }
    document.querySelectorAll("[data-chart]").forEach(load);
  };

  const again = () => {
    for (const { plot } of plots.values()) plot.destroy();
    plots.clear();
    all();
  };

  all();
  setInterval(() => document.hidden || document.querySelector("[data-still]") || all(), EVERY_MS);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  document.addEventListener("htmx:after:swap", () => {
    if ([...document.querySelectorAll("[data-chart]")].some((place) => !place.dataset.drawn)) all();
  });
  window.addEventListener("resize", () => {
    for (const [place, { plot }] of plots) plot.setSize({ width: place.clientWidth, height: HEIGHT });
  });
})();
