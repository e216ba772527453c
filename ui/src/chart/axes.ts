/** Axes: where ticks stand and how they read. */

import type uPlot from "uplot";
import { isBinary, formatter } from "../model/units/format";
import { groupBy } from "../model/group";
import { scaleKey } from "./scales";
import type { ChartSeries } from "./series";

export interface AxisTheme {
  text: string;
  grid: string;
  font: string;
}

const FACTORS = [1, 2, 2.5, 5];
const BINARY_INCREMENTS = Array.from({ length: 61 }, (_, power) => 2 ** (power - 10));
const DECIMAL_INCREMENTS = Array.from({ length: 34 }, (_, power) =>
  FACTORS.map((factor) => Number(`${factor}e${power - 15}`)),
).flat();
const SIXTIES = [
  1e-9, 2e-9, 5e-9, 1e-8, 2e-8, 5e-8, 1e-7, 2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 0.001,
  0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800,
  21_600, 43_200, 86_400, 172_800, 345_600, 604_800, 2_592_000, 31_536_000,
]; // prettier-ignore

function increments(unit: string): number[] {
  if (isBinary(unit)) return BINARY_INCREMENTS;
  if (unit === "s") return SIXTIES;
  if (unit === "ms") return SIXTIES.map((seconds) => seconds * 1000);
  return DECIMAL_INCREMENTS;
}

/** Tick texts with just the digits that tell neighbouring ticks apart. */
export function tickTexts(ticks: readonly (number | null)[], unit: string, decimals?: number | null): string[] {
  const format = formatter(unit);
  const texts = (digits?: number | null) =>
    ticks.map((tick) => {
      if (tick === null) return "";
      const { prefix, text, suffix } = format(tick, digits);
      return `${prefix ?? ""}${text}${suffix}`;
    });
  if (decimals !== undefined && decimals !== null) return texts(decimals);
  const shown = ticks.filter((tick) => tick !== null);
  for (let digits = 0; digits <= 6; digits++) {
    const tried = texts(digits);
    // Enough once no two ticks read the same and none lost its last digit.
    if (new Set(tried.filter(Boolean)).size === shown.length && faithful(ticks, digits, format)) return tried;
  }
  return texts();
}

function faithful(ticks: readonly (number | null)[], digits: number, format: ReturnType<typeof formatter>): boolean {
  return ticks.every((tick) => {
    if (tick === null) return true;
    const rough = format(tick, digits).text;
    const exact = format(tick, digits + 3).text;
    return Math.abs(Number(rough) - Number(exact)) < 1e-9 * Math.max(1, Math.abs(Number(exact))) || Number.isNaN(Number(rough));
  });
}

const two = (n: number) => String(n).padStart(2, "0");

/** Times along the axis: clock times, with the date where a day begins. */
export function timeTexts(splits: readonly number[], stepSeconds: number): string[] {
  let day = "";
  return splits.map((seconds) => {
    const date = new Date(seconds * 1000);
    const monthDay = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
    const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
    let text: string;
    if (stepSeconds >= 28 * 86_400) text = `${date.getFullYear()}-${two(date.getMonth() + 1)}`;
    else if (stepSeconds >= 86_400) text = monthDay;
    else if (midnight) text = monthDay;
    else if (stepSeconds < 60) text = `${clock}:${two(date.getSeconds())}`;
    else if (stepSeconds >= 6 * 3600 && day && day !== monthDay) text = `${monthDay} ${clock}`;
    else text = clock;
    day = monthDay;
    return text;
  });
}

/** The time axis and one value axis for each scale that is shown. */
export function buildAxes(series: readonly ChartSeries[], theme: AxisTheme, measure: (text: string) => number): uPlot.Axis[] {
  const look = { stroke: theme.text, font: theme.font, ticks: { show: false } } satisfies uPlot.Axis;
  const axes: uPlot.Axis[] = [
    {
      ...look,
      scale: "x",
      size: 26,
      gap: 6,
      space: 72,
      grid: { stroke: theme.grid, width: 1 },
      values: (_, splits, __, ___, step) => timeTexts(splits, step),
    },
  ];
  const groups = [...groupBy(series, scaleKey)];
  groups.forEach(([scale, group], index) => {
    const first = group[0]!;
    const custom = first.config.custom ?? {};
    const right = first.style.axis === "right" || (index > 0 && groups[0]![1][0]!.style.axis !== "right");
    const unit = first.style.stack?.mode === "percent" ? "percentunit" : first.unit;
    const label = typeof custom.axisLabel === "string" && custom.axisLabel ? custom.axisLabel : undefined;
    axes.push({
      ...look,
      scale,
      show: first.style.axis !== "hidden",
      side: right ? 1 : 3,
      gap: 6,
      space: 34,
      incrs: increments(unit),
      label,
      labelFont: theme.font,
      labelSize: 18,
      labelGap: 2,
      grid: { show: index === 0, stroke: theme.grid, width: 1 },
      values: (_, splits) => tickTexts(splits, unit, first.config.decimals),
      size: (_, values) => Math.max(28, ...(values ?? []).map((text) => measure(text ?? "") + 14)),
    });
  });
  return axes;
}
