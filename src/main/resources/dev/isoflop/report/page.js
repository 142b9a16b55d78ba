"use strict";
// Draws the curves of a run in the colours of the page.
(function () {
  const curves = JSON.parse(document.getElementById("curves").textContent);
  const places = [...document.querySelectorAll("[data-chart]")];
  const charts = new Map(places.map(p => [p.dataset.chart, echarts.init(p, null, { renderer: "svg" })]));
  const names = { flops: "FLOPs spent (matmul, total)", images: "images seen", steps: "steps" };
  let by = "flops";

  const superscripts = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  function short(value) {
    if (value === null || value === undefined || Number.isNaN(value)) return "not finite";
    const size = Math.abs(value);
    if (size === 0) return "0";
    if (size < 1e-3 || size >= 1e7) {
      const [digits, exponent] = value.toExponential(2).split("e");
      const power = [...exponent.replace("+", "")].map(c => superscripts[c]).join("");
      return (digits.replace(/\.?0+$/, "") === "1" ? "" : digits.replace(/\.?0+$/, "") + " × ") + "10" + power;
    }
    return (size >= 1e4 ? Math.round(value) : Number(value.toPrecision(4))).toLocaleString("en", { maximumSignificantDigits: 8 });
  }

  function draw() {
    const style = getComputedStyle(document.documentElement);
    const colour = name => style.getPropertyValue("--" + name).trim();
    const sans = { fontFamily: colour("sans"), fontSize: 12, color: colour("soft") };
    const palette = [colour("blue"), colour("amber"), colour("green"), colour("plum")];
    const points = (values, along) => along[by].map((x, i) => [x, values[i]]);
    const curve = (name, values, look, along = curves) => ({
      type: "line", name, data: points(values, along), showSymbol: values.length < 2, symbolSize: 5, connectNulls: false,
      emphasis: { disabled: true }, ...look,
    });
    const wide = document.body.clientWidth > 600;
    const option = (series, tall) => ({
      animation: false,
      textStyle: sans,
      grid: { left: 8, right: tall ? 22 : 14, top: 12, bottom: tall ? 30 : 8, containLabel: true },
      tooltip: {
        trigger: "axis", z: 60, confine: true, backgroundColor: colour("paper"), borderColor: colour("line"), borderWidth: 1,
        padding: [6, 10], textStyle: { ...sans, color: colour("ink") }, renderMode: "richText",
        axisPointer: { lineStyle: { color: colour("soft"), type: "dotted" } },
        formatter: all => [short(all[0].value[0]) + " " + (by === "flops" ? "FLOP" : by)]
          .concat(all.map(one => one.seriesName + "  " + short(one.value[1]))).join("\n"),
      },
      xAxis: {
        type: "value", max: "dataMax", splitNumber: tall && wide ? 6 : 3, name: tall ? names[by] : "", nameLocation: "middle", nameGap: 30,
        nameTextStyle: sans, axisLabel: { ...sans, fontSize: tall ? 12 : 11, formatter: short, hideOverlap: true, showMaxLabel: false },
        axisLine: { lineStyle: { color: colour("line") } }, axisTick: { lineStyle: { color: colour("line") } },
        splitLine: { show: false },
      },
      yAxis: {
        type: "value", scale: true, splitNumber: tall ? 5 : 3, axisLabel: { ...sans, fontSize: tall ? 12 : 11, formatter: short },
        axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: colour("faint") } },
      },
      series,
    });
    const line = (width, color, opacity) => ({ lineStyle: { width, color, opacity }, itemStyle: { color, opacity } });
    const one = (name, values, color) => [curve(name, values, line(1.4, color, 1))];
    const series = {
      loss: [curve("loss", curves.loss, line(1, palette[0], 0.42)), curve("mean", curves.smooth, line(2.2, palette[0], 1))],
      rate: one("rate", curves.rate, palette[1]),
      gradient: one("norm", curves.gradient, palette[3]),
      throughput: one("images/s", curves.throughput, palette[2]),
      spread: [curve("spread", curves.embeddings.spread, line(1.4, palette[0], 1), curves.embeddings)],
      rank: [curve("effective rank", curves.embeddings.rank, line(1.4, palette[3], 1), curves.embeddings)],
      parts: Object.entries(curves.parts).map(([name, values], i) => curve(name, values, line(1.4, palette[i % 4], 1))),
    };
    for (const [name, chart] of charts) {
      const tall = name === "loss";
      const drawn = option(series[name], tall);
      if (name === "parts") {
        drawn.legend = { top: 0, right: 0, icon: "roundRect", itemHeight: 2, itemWidth: 14, textStyle: sans };
        drawn.grid.top = 28;
      }
      if (["throughput", "rate", "spread", "rank"].includes(name)) drawn.yAxis.min = 0;
      chart.setOption(drawn, true);
    }
  }

  const buttons = [...document.querySelectorAll("[data-by]")];
  buttons.forEach(button => button.addEventListener("click", () => {
    by = button.dataset.by;
    buttons.forEach(other => other.setAttribute("aria-pressed", String(other === button)));
    draw();
  }));
  const fit = () => charts.forEach(chart => chart.resize());
  ["resize", "beforeprint", "afterprint"].forEach(event => addEventListener(event, fit));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
