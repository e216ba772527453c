/** How one series is painted: its path, its fill, its points. */

import uPlot from "uplot";
import { withAlpha } from "../model/field/colors";
import { scaleKey } from "./scales";
import type { ChartSeries } from "./series";

const paths = uPlot.paths;

function pathBuilder(series: ChartSeries): uPlot.Series.PathBuilder | undefined {
  const { draw, interpolation } = series.style;
  if (draw === "points") return () => null;
  if (draw === "bars") {
    const custom = series.config.custom ?? {};
    const width = Number(custom.barWidthFactor ?? 0.6);
    return paths.bars?.({ size: [width, 60, 1], align: Number(custom.barAlignment ?? 0) as -1 | 0 | 1 });
  }
  if (interpolation === "smooth") return paths.spline?.();
  if (interpolation === "stepBefore") return paths.stepped?.({ align: -1 });
  if (interpolation === "stepAfter") return paths.stepped?.({ align: 1 });
  return paths.linear?.();
}

function fillOf(series: ChartSeries): uPlot.Series["fill"] {
  const { fill, gradient } = series.style;
  if (fill <= 0) return undefined;
  if (gradient !== "opacity" && gradient !== "hue") return withAlpha(series.color, fill);
  return (u) => {
    const { top, height } = u.bbox;
    if (!Number.isFinite(height) || height <= 0) return withAlpha(series.color, fill);
    const shades = u.ctx.createLinearGradient(0, top, 0, top + height);
    shades.addColorStop(0, withAlpha(series.color, fill));
    shades.addColorStop(1, withAlpha(series.color, 0));
    return shades;
  };
}

/** The uPlot series of one of ours. */
export function buildSeries(series: ChartSeries, shown: boolean): uPlot.Series {
  const { style } = series;
  return {
    label: series.name,
    scale: scaleKey(series),
    show: shown,
    stroke: series.color,
    width: style.draw === "points" ? 0 : style.width,
    dash: style.dash,
    fill: fillOf(series),
    paths: pathBuilder(series),
    spanGaps: style.spanNulls === true,
    points: {
      show: style.draw === "points" || style.points === "always" ? true : style.points === "never" || style.draw === "bars" ? lonely : undefined,
      size: style.draw === "points" ? Math.max(4, style.pointSize) : style.pointSize,
      stroke: series.color,
      fill: series.color,
      width: 0,
    },
  };
}

/** A single measurement draws no line: show it as a point even where points are off. */
function lonely(u: uPlot, index: number): boolean {
  const values = u.data[index];
  if (!values || u.series[index]?.paths === undefined) return false;
  let found = 0;
  for (const value of values) if (value !== null && value !== undefined && ++found > 1) return false;
  return found === 1;
}

/** Areas between a stacked series and the one below it in its group. */
export function stackBands(all: readonly ChartSeries[], visible: (index: number) => boolean): uPlot.Band[] {
  const bands: uPlot.Band[] = [];
  const below = new Map<string, number>();
  all.forEach((series, index) => {
    if (!series.style.stack || !visible(index)) return;
    const sign = series.config.custom?.transform === "negative-Y" ? "-" : "+";
    const key = `${series.style.stack.group}${sign}${series.unit}`;
    const under = below.get(key);
    if (under !== undefined) bands.push({ series: [index + 1, under + 1], dir: sign === "-" ? 1 : -1 });
    below.set(key, index);
  });
  return bands;
}
