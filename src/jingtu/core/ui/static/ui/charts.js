// Draws the charts described by jingtu.core.ui.charts with ECharts: numbers arrive as JSON, nothing is inline.
(function () {
  "use strict";
  const echarts = window.echarts;
  if (!echarts) return;

  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  // Distinct for the common kinds of colour blindness, in both themes at least 3:1 against the page.
  const PALETTES = {
    light: ["#1b4a8c", "#c2570c", "#0b7a6b", "#a03a78", "#6a6f7a", "#8a6a00"],
    dark: ["#8db4ee", "#f0a35e", "#56c7b4", "#e38fc0", "#aeb6c2", "#d6bd5a"],
  };
  const placeOfKey = new Map(); // the same place has the same colour everywhere on the page
  const drawn = new Map();

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  function look() {
    const dark = document.documentElement.getAttribute("data-bs-theme") === "dark";
    return {
      palette: PALETTES[dark ? "dark" : "light"],
      ink: css("--jt-ink"), quiet: css("--jt-quiet"), line: css("--jt-line"), strong: css("--jt-line-strong"),
      page: css("--jt-page"), raised: css("--jt-raised"), accent: css("--jt-accent"), soft: css("--jt-accent-soft"),
      bar: css("--jt-bar"),
      met: css("--jt-met"), watch: css("--jt-watch"), below: css("--jt-below"), none: css("--jt-none"),
      metSoft: css("--jt-met-soft"), watchSoft: css("--jt-watch-soft"), belowSoft: css("--jt-below-soft"),
      font: getComputedStyle(document.body).fontFamily,
    };
  }
  // Within one chart no two series share a colour; across charts a known key keeps its own where it can.
  function colours(series, palette) {
    const taken = new Set();
    const places = series.map(({ key }) => {
      const known = placeOfKey.get(key);
      if (known === undefined || taken.has(known)) return null;
      taken.add(known);
      return known;
    });
    const used = new Set(placeOfKey.values());
    return series.map(({ key }, index) => {
      if (places[index] === null) {
        const free = palette.map((_colour, place) => place).filter((place) => !taken.has(place));
        places[index] = free.find((place) => !used.has(place)) ?? free[0] ?? index % palette.length;
        taken.add(places[index]);
        if (!placeOfKey.has(key)) placeOfKey.set(key, places[index]);
        used.add(places[index]);
      }
      return palette[places[index]];
    });
  }
  const shown = (value, decimals) =>
    value === null || value === undefined
      ? null
      : value.toLocaleString("en-US", decimals === null ? {} : { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

  function frame(spec, l) {
    return {
      animation: !still,
      animationDuration: 180,
      animationDurationUpdate: 180,
      textStyle: { fontFamily: l.font, fontSize: 14, color: l.ink },
      aria: { enabled: false }, // the canvas is labelled and described by its table twin
      tooltip: {
        renderMode: "richText", // the HTML mode writes style attributes, which the page's policy refuses
        confine: true,
        backgroundColor: l.raised,
        borderColor: l.line,
        textStyle: { color: l.ink, fontSize: 14, fontFamily: l.font },
      },
    };
  }
  const valueAxis = (spec, l, zero) => ({
    type: "value",
    scale: !zero,
    // A percent sign stands at every label, a longer unit once above the axis.
    name: spec.unit === "%" ? "" : spec.unit,
    nameTextStyle: { color: l.quiet, fontSize: 14, align: "left", padding: 0 },
    axisLabel: { color: l.quiet, fontSize: 14, formatter: spec.unit === "%" ? "{value}%" : undefined },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: l.line } },
  });
  const categoryAxis = (names, l) => ({
    type: "category",
    data: names,
    axisLabel: { color: l.quiet, fontSize: 14, hideOverlap: true },
    axisLine: { lineStyle: { color: l.strong } },
    axisTick: { show: false },
  });
  function levelLines(spec, l, axis) {
    const lines = (spec.levels || []).filter((level) => level.value !== null);
    if (!lines.length) return undefined;
    const tones = { target: l.met, red: l.below, average: l.quiet };
    return {
      silent: true,
      symbol: "none",
      animation: false,
      data: lines.map((level) => ({
        [axis]: level.value,
        name: level.name,
        lineStyle: { color: tones[level.kind], type: level.kind === "average" ? "dotted" : "dashed", width: 1.5 },
        label: {
          formatter: `${level.name} ${shown(level.value, null)}${spec.unit === "%" ? "%" : ""}`,
          color: tones[level.kind],
          fontSize: 14,
          position: axis === "yAxis" ? "insideStartTop" : "end",
          backgroundColor: l.page,
          padding: [1, 3],
        },
      })),
    };
  }
  // The axis must reach the levels, or a target outside the data would vanish silently.
  const levelValues = (spec) => (spec.levels || []).map((level) => level.value).filter((value) => value !== null);
  const unseen = (spec) =>
    levelValues(spec).map((value) => ({
      type: "line", name: "", data: spec.categories.map(() => value), silent: true, symbol: "none", lineStyle: { width: 0 },
    }));

  function axisTip(spec, missing) {
    return (points) => {
      // A line and its dashed end are one thing; where both have a point, it is the same.
      const told = new Map();
      for (const point of points.filter((one) => one.seriesName))
        if ((told.get(point.seriesName)?.value ?? null) === null) told.set(point.seriesName, point);
      const lines = [...told.values()].map((point) => `${point.marker}${point.seriesName}  ${shown(point.value ?? null, spec.decimals) ?? missing}`);
      return [points[0]?.axisValueLabel, ...lines].join("\n");
    };
  }

  const builders = {
    trend(spec, l, words) {
      const many = spec.series.length > 1;
      const tones = colours(spec.series, l.palette);
      const periods = categoryAxis(spec.categories, l);
      const running = new Set(spec.running);
      const ends = (series) => spec.running.some((at) => (series.values[at] ?? null) !== null);
      const label = (tone) => ({ show: many, formatter: "{a}", color: tone, fontSize: 14, width: 96, overflow: "truncate" });
      // Periods that have not ended: hollow points at the end of a dashed line, on from the last that has.
      const dashed = (series, index) => ({
        name: series.name,
        type: "line",
        data: series.values.map((value, at) =>
          running.has(at)
            ? { value, itemStyle: { color: l.page, borderColor: tones[index], borderWidth: 2 } }
            : { value: running.has(at + 1) ? value : null, symbol: "none" }),
        connectNulls: false,
        symbol: "circle",
        symbolSize: 9,
        lineStyle: { width: 1.75, type: "dotted" },
        color: tones[index],
        endLabel: label(tones[index]),
        labelLayout: { moveOverlap: "shiftY" },
        emphasis: { focus: "series" },
      });
      return {
        ...frame(spec, l),
        grid: { left: 8, right: many ? 110 : 44, top: spec.unit === "%" ? (spec.levels.length ? 30 : 16) : 34, bottom: 8, containLabel: true },
        tooltip: { ...frame(spec, l).tooltip, trigger: "axis", formatter: axisTip(spec, words.missing), axisPointer: { lineStyle: { color: l.strong } } },
        // The first label begins at the axis: centred under its point it would stand half outside of the picture.
        // So would the last one, made longer by the word for a running period.
        xAxis: { ...periods, axisLabel: { ...periods.axisLabel, alignMinLabel: "left", showMinLabel: true, ...(running.size ? { alignMaxLabel: "right", showMaxLabel: true } : {}) }, boundaryGap: false },
        yAxis: valueAxis(spec, l, spec.from_zero),
        series: [...spec.series.map((series, index) => ({
          name: series.name,
          type: "line",
          data: series.values.map((value, at) => (running.has(at) ? null : value)),
          connectNulls: false,
          showSymbol: spec.categories.length <= 24,
          symbol: ["circle", "rect", "triangle", "diamond", "roundRect", "pin"][index % 6],
          symbolSize: 6,
          lineStyle: { width: series.emphasis || !many ? 2.5 : 1.75, type: index > 2 ? "dashed" : "solid" },
          color: tones[index],
          endLabel: ends(series) ? { show: false } : label(tones[index]),
          labelLayout: { moveOverlap: "shiftY" },
          markLine: index === 0 ? levelLines(spec, l, "yAxis") : undefined,
          emphasis: { focus: "series" },
        })), ...spec.series.flatMap((series, index) => (ends(series) ? [dashed(series, index)] : [])), ...unseen(spec)],
      };
    },
    bars(spec, l, words, width) {
      const tones = colours(spec.series, l.palette);
      return {
        ...frame(spec, l),
        grid: { left: 4, right: 56, top: 34, bottom: 4, containLabel: true },
        legend: { top: 0, left: 0, textStyle: { color: l.ink, fontSize: 14 }, itemWidth: 14, itemHeight: 10 },
        tooltip: { ...frame(spec, l).tooltip, trigger: "axis", axisPointer: { type: "none" }, formatter: axisTip(spec, words.missing) },
        xAxis: { ...valueAxis(spec, l, true), name: "", axisLabel: { show: false }, splitLine: { show: false } },
        yAxis: { ...categoryAxis(spec.categories, l), inverse: true, axisLabel: { fontSize: 14, interval: 0, color: l.ink, width: Math.max(90, width * 0.4), overflow: "break" } },
        series: spec.series.map((series, index) => ({
          name: series.name,
          type: "bar",
          barMaxWidth: 14,
          data: series.values,
          color: tones[index],
          label: { show: true, position: "right", color: l.ink, fontSize: 14, formatter: ({ value }) => shown(value ?? null, spec.decimals) ?? "" },
        })),
      };
    },
    ranking(spec, l, words) {
      const marks = { met: ["●", l.met], watch: ["▲", l.watch], below: ["◆", l.below] };
      const label = (place) =>
        [place.value === null ? place.word || words.missing : shown(place.value, spec.decimals), place.moved].filter(Boolean).join("  ");
      const highs = spec.places.map((place) => place.high).filter((value) => value !== null);
      const bands = spec.places.some((place) => place.low !== null && place.high !== null);
      const lanes = Math.max(0, ...spec.bands.map((band) => band.lane + 1));
      const step = Math.min(10, 60 / (lanes || 1));
      const gutter = lanes ? lanes * step + 6 : 0;
      return {
        ...frame(spec, l),
        grid: { left: 4, right: 108 + gutter, top: spec.levels.length ? 26 : 6, bottom: 4, containLabel: true },
        tooltip: {
          ...frame(spec, l).tooltip,
          trigger: "item",
          formatter: ({ dataIndex }) => {
            const place = spec.places[dataIndex];
            const lines = [place.name, `${label(place)}${place.value === null ? "" : " " + spec.unit}`];
            if (place.range) lines.push(`${words.rank} ${place.range}`);
            if (place.low !== null && place.high !== null)
              lines.push(`${words.band} ${shown(place.low, spec.decimals)}–${shown(place.high, spec.decimals)}`);
            return lines.join("\n");
          },
        },
        xAxis: { ...valueAxis(spec, l, true), max: ({ max }) => Math.max(max, ...levelValues(spec), ...highs), name: "", axisLabel: { show: false }, splitLine: { show: false } },
        yAxis: {
          ...categoryAxis(spec.places.map((place) => (place.rank === null ? place.name : `${place.rank}  ${place.name}`)), l),
          inverse: true,
          axisLine: { show: false },
          axisLabel: {
            fontSize: 14,
            interval: 0,
            color: (_name, index) => (spec.places[index]?.own ? l.accent : l.ink),
          },
        },
        series: [
          {
            type: "bar",
            barMaxWidth: 14,
            showBackground: false,
            data: spec.places.map((place) => ({
              value: place.value,
              itemStyle: { color: place.own ? l.accent : l.bar },
              cursor: place.url ? "pointer" : "default",
            })),
            markLine: levelLines(spec, l, "xAxis"),
          },
          {
            // The words stand at the right edge in one column, so that they can be read down.
            type: "custom",
            silent: true,
            data: spec.places.map((_place, index) => index),
            renderItem: (params, api) => {
              const place = spec.places[params.dataIndex];
              const y = api.coord([0, params.dataIndex])[1];
              const edge = params.coordSys.x + params.coordSys.width;
              const right = edge + gutter + 104;
              const mark = marks[place.state];
              const parts = [
                ...(mark
                  ? [{ type: "text", style: { text: mark[0], x: edge + gutter + 8, y, textVerticalAlign: "middle", fill: mark[1], fontSize: 14, fontFamily: l.font } }]
                  : []),
                { type: "text", style: { text: label(place), x: right, y, textAlign: "right", textVerticalAlign: "middle", fill: place.value === null ? l.none : l.ink, fontSize: 14, fontFamily: l.font } },
              ];
              if (bands && place.low !== null && place.high !== null) {
                const from = api.coord([place.low, params.dataIndex])[0];
                const to = api.coord([place.high, params.dataIndex])[0];
                const stroke = { stroke: l.ink, lineWidth: 1.5, opacity: 0.6 };
                parts.push(
                  { type: "line", shape: { x1: from, y1: y, x2: to, y2: y }, style: stroke },
                  { type: "line", shape: { x1: from, y1: y - 4, x2: from, y2: y + 4 }, style: stroke },
                  { type: "line", shape: { x1: to, y1: y - 4, x2: to, y2: y + 4 }, style: stroke }
                );
              }
              return { type: "group", children: parts };
            },
            z: 5,
          },
          {
            // One bracket per band: the places it touches cannot be told apart.
            type: "custom",
            silent: true,
            data: spec.bands.map((_band, index) => index),
            encode: { x: -1, y: -1 },
            renderItem: (params, api) => {
              const band = spec.bands[params.dataIndex];
              const x = params.coordSys.x + params.coordSys.width + 6 + band.lane * step;
              const at = band.rows.map((row) => api.coord([0, row])[1]);
              const stroke = { stroke: l.ink, lineWidth: 2, opacity: 0.55, lineCap: "round" };
              return {
                type: "group",
                children: [
                  { type: "line", shape: { x1: x, y1: at[0] - 6, x2: x, y2: at[at.length - 1] + 6 }, style: stroke },
                  ...at.map((y) => ({ type: "line", shape: { x1: x - 4, y1: y, x2: x, y2: y }, style: stroke })),
                ],
              };
            },
            z: 5,
          },
        ],
      };
    },
    tiles(spec, l, words, width) {
      const marks = { met: ["●", l.met, l.metSoft], watch: ["▲", l.watch, l.watchSoft], below: ["◆", l.below, l.belowSoft] };
      const { columns, rows, small } = tiling(spec, width);
      const value = (place) => (place.value === null ? place.word || words.missing : shown(place.value, spec.decimals));
      const text = (x, y, words, style) => ({ type: "text", style: { text: words, x, y, fontFamily: l.font, fontSize: 14, fill: l.ink, ...style } });
      return {
        ...frame(spec, l),
        grid: { left: 1, right: 1, top: 1, bottom: 1 },
        xAxis: { type: "value", min: 0, max: columns, show: false },
        yAxis: { type: "value", min: 0, max: rows, inverse: true, show: false },
        tooltip: {
          ...frame(spec, l).tooltip,
          formatter: ({ dataIndex }) => {
            const place = spec.places[dataIndex];
            const lines = [place.name, `${value(place)}${place.value === null || spec.unit === "" ? "" : " " + spec.unit}`];
            if (place.rank !== null) lines.push(`${words.rank} ${place.rank_text}${place.moved ? "  " + place.moved : ""}`);
            return lines.join("\n");
          },
        },
        series: [{
          type: "custom",
          data: spec.places.map((place, index) => ({ value: [index % columns, Math.floor(index / columns)], cursor: place.url ? "pointer" : "default" })),
          renderItem: (params, api) => {
            const place = spec.places[params.dataIndex];
            const [x, y] = api.coord([api.value(0), api.value(1)]);
            const [w, h] = api.size([1, 1]);
            const gap = small ? 2 : 4;
            const mark = marks[place.state];
            const absent = place.value === null;
            const ground = mark && spec.by_state ? mark[2] : absent || place.shade === null ? l.page : l.accent;
            const strength = mark && spec.by_state ? 1 : absent || place.shade === null ? 0 : 0.07 + 0.1 * place.shade;
            const edge = place.own ? l.accent : absent ? l.strong : mark && spec.by_state ? mark[1] : l.line;
            const box = { x: x + gap / 2, y: y + gap / 2, width: w - gap, height: h - gap, r: 4 };
            const inner = w - gap - 16;
            const parts = [
              { type: "rect", shape: box, style: { fill: ground, fillOpacity: strength, stroke: edge, lineWidth: place.own ? 2.5 : 1, strokeOpacity: place.own || absent ? 1 : 0.45, lineDash: absent ? [4, 3] : null } },
              text(box.x + 8, box.y + (small ? 6 : 8), place.name, { width: inner - (small || place.rank === null ? 0 : 26), overflow: "truncate", fontWeight: place.own ? 600 : 400 }),
              text(box.x + 8, box.y + box.height - (small ? 6 : 9), value(place), { width: inner, overflow: "truncate", textVerticalAlign: "bottom", fontSize: absent || small ? 14 : 18, fontWeight: absent ? 400 : 600, fill: absent ? l.none : l.ink }),
            ];
            if (!small && place.rank !== null)
              parts.push(text(box.x + box.width - 8, box.y + 8, String(place.rank), { textAlign: "right", fill: l.ink }));
            if (mark) parts.push(text(box.x + box.width - 8, box.y + box.height - (small ? 6 : 10), mark[0], { textAlign: "right", textVerticalAlign: "bottom", fill: mark[1] }));
            else if (!small && place.moved) parts.push(text(box.x + box.width - 8, box.y + box.height - 10, place.moved, { textAlign: "right", textVerticalAlign: "bottom", fill: l.ink }));
            return { type: "group", children: parts };
          },
        }],
      };
    },
  };
  // As many columns as fit; very many places get small tiles without rank.
  function tiling(spec, width) {
    const small = spec.places.length > 48;
    const columns = Math.max(2, Math.min(spec.places.length, Math.floor(width / (small ? 96 : 128))));
    return { columns, rows: Math.ceil(spec.places.length / columns), small };
  }

  function draw(figure) {
    const canvas = figure.querySelector(".jt-chart-canvas");
    const source = document.getElementById(figure.dataset.jtChart);
    if (!canvas || !source || drawn.has(figure)) return;
    const spec = JSON.parse(source.textContent);
    const filling = figure.closest("[data-jt-fill]"); // a wall gives the height itself
    const size = () => {
      if (filling) return;
      if (spec.kind === "ranking") canvas.style.height = `${Math.max(96, spec.places.length * 30 + 40)}px`;
      else if (spec.kind === "bars") canvas.style.height = `${spec.categories.length * (spec.series.length * 18 + 16) + 48}px`;
      else if (spec.kind === "tiles") {
        const { rows, small } = tiling(spec, canvas.clientWidth || 600);
        canvas.style.height = `${rows * (small ? 56 : 74) + 2}px`;
      }
    };
    size();
    const chart = echarts.init(canvas, null, { renderer: "canvas" });
    const words = { missing: figure.dataset.missing, rank: figure.dataset.rank, band: figure.dataset.band };
    const paint = () => chart.setOption(builders[spec.kind](spec, look(), words, canvas.clientWidth || 600), true);
    paint();
    if (spec.places)
      chart.on("click", ({ dataIndex }) => {
        const url = spec.places[dataIndex]?.url;
        if (url) location.assign(url);
      });
    let width = canvas.clientWidth;
    new ResizeObserver(() => {
      if (spec.kind === "tiles" && canvas.clientWidth && canvas.clientWidth !== width) {
        width = canvas.clientWidth;
        size();
        paint();
      }
      chart.resize();
    }).observe(canvas);
    drawn.set(figure, { chart, paint, spec });
  }

  function drawAll(scope) {
    scope.querySelectorAll("[data-jt-chart]").forEach(draw);
    for (const [figure, { chart }] of drawn)
      if (!figure.isConnected) {
        chart.dispose();
        drawn.delete(figure);
      }
  }

  // A picture leaves the page it stood on, so it takes along what it shows, of where and when, and that it is invented.
  function savePicture({ spec, chart }) {
    const colours = look();
    const words = (selector) => (document.querySelector(selector)?.textContent ?? "").replace(/\s+/g, " ").trim();
    const lines = [
      [`${spec.title}${spec.unit ? ` (${spec.unit})` : ""}`, 16, colours.ink],
      [[words("h1"), words("h1 + p")].filter(Boolean).join(" · "), 13, colours.quiet],
      [words(".jt-fictional strong"), 13, colours.below],
    ].filter(([text]) => text);
    const drawing = new Image();
    drawing.onload = () => {
      const head = lines.length * 24 + 16;
      const canvas = document.createElement("canvas");
      canvas.width = drawing.width;
      canvas.height = drawing.height + head * 2;
      const pen = canvas.getContext("2d");
      pen.fillStyle = colours.page;
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(drawing, 0, head * 2);
      pen.scale(2, 2);
      lines.forEach(([text, size, colour], index) => {
        pen.fillStyle = colour;
        pen.font = `${size}px ${colours.font}`;
        pen.fillText(text, 8, 24 + index * 24, canvas.width / 2 - 16);
      });
      const link = document.createElement("a");
      link.download = `${spec.title}.png`;
      link.href = canvas.toDataURL("image/png");
      link.click();
    };
    drawing.src = chart.getDataURL({ pixelRatio: 2, backgroundColor: colours.page });
  }

  document.addEventListener("click", (event) => {
    const figure = event.target.closest?.("[data-jt-chart]");
    const known = figure && drawn.get(figure);
    if (!known) return;
    const table = event.target.closest("[data-jt-chart-table]");
    if (table) {
      const asTable = figure.classList.toggle("jt-chart-as-table");
      table.setAttribute("aria-pressed", String(asTable));
      if (!asTable) known.chart.resize();
    } else if (event.target.closest("[data-jt-chart-image]")) {
      savePicture(known);
    }
  });

  drawAll(document);
  document.addEventListener("htmx:afterSettle", () => drawAll(document));
  document.addEventListener("jt:theme", () => drawn.forEach(({ paint }) => paint()));
  window.addEventListener("beforeprint", () => drawn.forEach(({ chart }) => chart.resize()));
})();
