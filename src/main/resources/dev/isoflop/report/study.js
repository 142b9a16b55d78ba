"use strict";
// Draws the runs of a study, sorts their table, and shows those of one figure.
(function () {
  const runs = JSON.parse(document.getElementById("runs").textContent);
  const table = document.querySelector("table.runs");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const shown = document.getElementById("shown");
  const chart = echarts.init(document.querySelector("[data-chart]"), null, { renderer: "svg" });
  const names = { co2: "kg CO2e", hours: "hours", total: "FLOPs (matmul, total)", device: "FLOPs (matmul, one device)" };
  const methods = [...new Set(runs.map(run => run.method))];
  let by = document.querySelector("[data-by][aria-pressed=true]").dataset.by;
  let figure = "";

  const superscripts = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  function short(value) {
    const size = Math.abs(value);
    if (size >= 1e-3 && size < 1e7) return Number(value.toPrecision(3)).toLocaleString("en");
    const [digits, exponent] = value.toExponential(2).split("e");
    const power = [...exponent.replace("+", "")].map(c => superscripts[c]).join("");
    const front = digits.replace(/\.?0+$/, "");
    return (front === "1" ? "" : front + " × ") + "10" + power;
  }
  const wanted = run => figure === "" || run.figures.includes(figure);

  function draw() {
    const style = getComputedStyle(document.documentElement);
    const colour = name => style.getPropertyValue("--" + name).trim();
    const text = { fontFamily: colour("sans"), fontSize: 12, color: colour("soft") };
    const palette = ["blue", "amber", "green", "plum", "red", "soft"].map(colour);
    const seen = runs.filter(run => wanted(run) && run[by] > 0);
    chart.setOption({
      animation: false,
      textStyle: text,
      grid: { left: 8, right: 24, top: 12, bottom: 32, containLabel: true },
      tooltip: {
        trigger: "item", confine: true, renderMode: "richText", backgroundColor: colour("paper"), borderColor: colour("line"),
        borderWidth: 1, padding: [6, 10], textStyle: { ...text, color: colour("ink") },
        formatter: one => {
          const run = one.data.run;
          return [run.name, short(run.total) + " FLOP total, " + short(run.device) + " a device", run.hoursText, run.kwhText, run.co2Text]
            .filter(line => line).join("\n");
        },
      },
      xAxis: {
        type: "log", name: names[by], nameLocation: "middle", nameGap: 30, nameTextStyle: text, minorSplitLine: { show: false },
        axisLabel: { ...text, formatter: short, hideOverlap: true }, splitLine: { lineStyle: { color: colour("faint") } },
        axisLine: { lineStyle: { color: colour("line") } },
      },
      yAxis: {
        type: "category", data: methods, inverse: true, axisLabel: { ...text, color: colour("ink") },
        axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: true, lineStyle: { color: colour("faint") } },
      },
      series: [{
        type: "scatter", symbolSize: 10,
        data: seen.map(run => ({
          value: [run[by], run.method], run,
          itemStyle: {
            color: run.large ? colour("paper") : palette[methods.indexOf(run.method) % palette.length],
            borderColor: palette[methods.indexOf(run.method) % palette.length], borderWidth: 1.5, opacity: 0.75,
          },
        })),
      }],
    }, true);
  }

  function press(buttons, pressed) {
    buttons.forEach(button => button.setAttribute("aria-pressed", String(button === pressed)));
  }

  const axes = [...document.querySelectorAll("[data-by]")];
  axes.forEach(button => button.addEventListener("click", () => {
    by = button.dataset.by;
    press(axes, button);
    draw();
  }));

  const order = new Map(rows.map((row, i) => [row, i]));
  const figures = [...document.querySelectorAll("[data-figure]")];
  figures.forEach(button => button.addEventListener("click", () => {
    figure = button.dataset.figure;
    press(figures, button);
    rows.forEach(row => { row.hidden = !wanted(runs[order.get(row)]); });
    const some = runs.filter(wanted);
    const sum = key => some.reduce((all, run) => all + run[key], 0);
    shown.textContent = some.length.toLocaleString("en") + " runs, " + short(sum("total")) + " FLOP"
      + (some.every(run => run.co2 > 0) ? ", " + short(sum("hours")) + " hours, " + short(sum("co2")) + " kg CO2e" : "")
      + ". A click on a heading sorts.";
    draw();
  }));

  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    heads.forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const value = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
    const numeric = rows.some(row => row.cells[column].dataset.value !== undefined);
    rows.sort((a, b) => numeric
      ? Number(value(a)) - Number(value(b)) || order.get(a) - order.get(b)
      : value(a).localeCompare(value(b), "en", { numeric: true }) || order.get(a) - order.get(b));
    if (!up) rows.reverse();
    body.append(...rows);
  }));

  addEventListener("resize", () => chart.resize());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
