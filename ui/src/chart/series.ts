/** From configured frames to what a chart draws: one aligned table, styles, stacks. */

import { displayName } from "../model/frames/names";
import { timeField, type Frame } from "../model/frames/types";
import { seriesColor, type Theme } from "../model/field/colors";
import type { FieldConfig } from "../model/field/types";

export interface SeriesStyle {
  draw: "line" | "bars" | "points";
  interpolation: "linear" | "smooth" | "stepBefore" | "stepAfter";
  width: number;
  fill: number;
  gradient: "none" | "opacity" | "hue" | "scheme";
  points: "auto" | "never" | "always";
  pointSize: number;
  spanNulls: boolean | number;
  dash?: number[];
  stack?: { group: string; mode: "normal" | "percent" };
  axis: "left" | "right" | "hidden";
}

export interface ChartSeries {
  name: string;
  refId: string;
  labels: Record<string, string>;
  color: string;
  unit: string;
  style: SeriesStyle;
  config: FieldConfig;
  /** As measured. */
  values: (number | null)[];
  hideFrom: { legend: boolean; tooltip: boolean; viz: boolean };
}

export interface ChartTable {
  times: number[];
  series: ChartSeries[];
}

/** All number columns on one time axis. Columns of one query already share theirs. */
export function chartTable(frames: readonly Frame[], theme: Theme): ChartTable {
  const columns = frames.flatMap((frame) => {
    const times = timeField(frame);
    if (!times) return [];
    return frame.fields.filter((field) => field.type === "number").map((field) => ({ frame, field, times: times.values }));
  });
  const times = unionTimes(columns.map((column) => column.times));
  const series = columns.map(({ frame, field, times: own }, index): ChartSeries => {
    const raw = spread(own, field.values as (number | null)[], times);
    const negative = field.config.custom?.transform === "negative-Y";
    const values = negative ? raw.map((value) => (value === null ? null : -value)) : raw;
    const name = displayName(field, frame);
    const { drawStyle } = field.config.custom ?? {};
    return {
      name,
      refId: frame.refId,
      labels: field.labels ?? {},
      color: seriesColor(raw, field.config, theme, index, name),
      unit: field.config.unit ?? "",
      style: readStyle(field.config, drawStyle),
      config: field.config,
      values,
      hideFrom: { legend: false, tooltip: false, viz: false, ...(field.config.custom?.hideFrom as object | undefined) },
    };
  });
  return { times, series };
}

function unionTimes(all: readonly number[][]): number[] {
  const first = all[0] ?? [];
  if (all.every((times) => times === first || (times.length === first.length && times[0] === first[0] && times[times.length - 1] === first[first.length - 1])))
    return first;
  return [...new Set(all.flat())].sort((a, b) => a - b);
}

/** `values` at `times` put onto the points of `onto`, which holds all of `times`. */
function spread(times: readonly number[], values: (number | null)[], onto: readonly number[]): (number | null)[] {
  if (times.length === onto.length) return values;
  const out = new Array<number | null>(onto.length).fill(null);
  let at = 0;
  for (let i = 0; i < onto.length && at < times.length; i++) {
    if (onto[i] === times[at]) out[i] = values[at++] ?? null;
  }
  return out;
}

function readStyle(config: FieldConfig, drawStyle: unknown): SeriesStyle {
  const custom = config.custom ?? {};
  const line = custom.lineStyle as { fill?: string; dash?: number[] } | undefined;
  const stacking = custom.stacking as { mode?: string; group?: string } | undefined;
  return {
    draw: drawStyle === "bars" || drawStyle === "points" ? drawStyle : "line",
    interpolation: (custom.lineInterpolation as SeriesStyle["interpolation"] | undefined) ?? "linear",
    width: Number(custom.lineWidth ?? 1.5),
    fill: Number(custom.fillOpacity ?? 0) / 100,
    gradient: (custom.gradientMode as SeriesStyle["gradient"] | undefined) ?? "none",
    points: (custom.showPoints as SeriesStyle["points"] | undefined) ?? "auto",
    pointSize: Number(custom.pointSize ?? 5),
    spanNulls: (custom.spanNulls as boolean | number | undefined) ?? false,
    dash: line?.fill && line.fill !== "solid" ? (line.dash ?? (line.fill === "dot" ? [2, 4] : [8, 6])) : undefined,
    stack:
      stacking?.mode === "normal" || stacking?.mode === "percent"
        ? { mode: stacking.mode, group: stacking.group ?? "A" }
        : undefined,
    axis: custom.axisPlacement === "right" ? "right" : custom.axisPlacement === "hidden" ? "hidden" : "left",
  };
}

/** The columns to draw: stacked series lie on the ones before them in their group. */
export function stackColumns(table: ChartTable, visible: (index: number) => boolean): (number | null)[][] {
  const totals = percentTotals(table, visible);
  const bases = new Map<string, Float64Array>();
  return table.series.map((series, index) => {
    const { stack } = series.style;
    if (!stack || !visible(index)) return series.values;
    const sign = series.config.custom?.transform === "negative-Y" ? "-" : "+";
    const key = `${stack.group}${sign}${series.unit}`;
    const base = bases.get(key) ?? new Float64Array(table.times.length);
    bases.set(key, base);
    const total = totals.get(key);
    return series.values.map((value, i) => {
      // A gap inside a stack counts nothing, or everything above it would sink.
      if (value === null || Number.isNaN(value)) return value === null && base[i] === 0 ? null : base[i]!;
      const part = stack.mode === "percent" && total ? (total[i] ? value / total[i]! : 0) : value;
      return (base[i] = base[i]! + part);
    });
  });
}

function percentTotals(table: ChartTable, visible: (index: number) => boolean): Map<string, Float64Array> {
  const totals = new Map<string, Float64Array>();
  table.series.forEach((series, index) => {
    if (series.style.stack?.mode !== "percent" || !visible(index)) return;
    const sign = series.config.custom?.transform === "negative-Y" ? "-" : "+";
    const key = `${series.style.stack.group}${sign}${series.unit}`;
    const total = totals.get(key) ?? new Float64Array(table.times.length);
    totals.set(key, total);
    series.values.forEach((value, i) => {
      if (value !== null && !Number.isNaN(value)) total[i] = total[i]! + Math.abs(value);
    });
  });
  return totals;
}
