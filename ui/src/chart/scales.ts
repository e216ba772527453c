/** Value scales: one for each unit, with the limits that the configuration sets. */

import type uPlot from "uplot";
import { groupBy } from "../model/group";
import type { ChartSeries } from "./series";

/** Series of one unit and side share a scale. */
export function scaleKey(series: ChartSeries): string {
  const percent = series.style.stack?.mode === "percent" ? "%stack" : "";
  return `y:${series.style.axis === "right" ? "r" : "l"}:${series.unit}${percent}`;
}

/** A readable span around `[low, high]`: flat data gets room, zero is kept where the data comes near it. */
export function softRange(low: number, high: number): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (low === high) {
    if (low === 0) return [0, 1];
    const pad = Math.abs(low) * 0.5;
    return low > 0 ? [Math.max(0, low - pad), high + pad] : [low - pad, Math.min(0, high + pad)];
  }
  const span = high - low;
  const pad = span * 0.08;
  const nearZero = low >= 0 && low < span * 0.8;
  const belowZero = high <= 0 && -high < span * 0.8;
  return [nearZero ? 0 : low - pad, belowZero ? 0 : high + pad];
}

interface Limits {
  min?: number | null;
  max?: number | null;
  softMin?: number;
  softMax?: number;
  log: number;
  centred: boolean;
}

function limitsOf(group: readonly ChartSeries[]): Limits {
  const limits: Limits = { log: 0, centred: false };
  for (const { config, style } of group) {
    const custom = config.custom ?? {};
    if (config.min !== undefined && config.min !== null) limits.min = Math.min(limits.min ?? Infinity, config.min);
    if (config.max !== undefined && config.max !== null) limits.max = Math.max(limits.max ?? -Infinity, config.max);
    if (typeof custom.axisSoftMin === "number") limits.softMin = custom.axisSoftMin;
    if (typeof custom.axisSoftMax === "number") limits.softMax = custom.axisSoftMax;
    if (custom.axisCenteredZero) limits.centred = true;
    const distribution = custom.scaleDistribution as { type?: string; log?: number } | undefined;
    if (distribution?.type === "log") limits.log = distribution.log ?? 10;
    if (style.draw === "bars" || style.stack) limits.softMin = Math.min(limits.softMin ?? 0, 0);
  }
  return limits;
}

/** The uPlot scales of `series`, time included. */
export function buildScales(series: readonly ChartSeries[], range: () => [number, number]): uPlot.Scales {
  const scales: uPlot.Scales = { x: { time: true, range: () => range() } };
  const groups = groupBy(series, scaleKey);
  for (const [key, group] of groups) {
    const limits = limitsOf(group);
    scales[key] = limits.log
      ? { distr: 3, log: limits.log === 2 ? 2 : 10, range: (_, low, high) => logRange(low, high, limits) }
      : { range: (_, low, high) => linearRange(low, high, limits) };
  }
  return scales;
}

export function linearRange(low: number | null, high: number | null, limits: Partial<Limits>): [number, number] {
  let [from, to] = softRange(
    Math.min(low ?? Infinity, limits.softMin ?? Infinity),
    Math.max(high ?? -Infinity, limits.softMax ?? -Infinity),
  );
  if (limits.centred) {
    const reach = Math.max(Math.abs(from), Math.abs(to));
    [from, to] = [-reach, reach];
  }
  from = limits.min ?? from;
  to = limits.max ?? to;
  return to > from ? [from, to] : [from, from + 1];
}

function logRange(low: number | null, high: number | null, limits: Limits): [number, number] {
  const base = limits.log;
  const from = limits.min && limits.min > 0 ? limits.min : low && low > 0 ? low : 1;
  const to = limits.max && limits.max > 0 ? limits.max : high && high > 0 ? high : base;
  const down = base ** Math.floor(Math.log(from) / Math.log(base));
  const up = base ** Math.ceil(Math.log(Math.max(to, from)) / Math.log(base));
  return [down, up > down ? up : down * base];
}
