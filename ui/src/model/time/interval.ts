/** The step of a range query and the macros that follow from it, computed as Grafana does. */

import { parseDuration } from "./duration";

export const MAX_POINTS = 11_000;

/** [an interval below this many ms, is rounded to this many ms] */
const LADDER: [number, number][] = [
  [10, 1],
  [15, 10],
  [35, 20],
  [75, 50],
  [150, 100],
  [350, 200],
  [750, 500],
  [1_500, 1_000],
  [3_500, 2_000],
  [7_500, 5_000],
  [12_500, 10_000],
  [17_500, 15_000],
  [25_000, 20_000],
  [45_000, 30_000],
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
  [86_400_000, 43_200_000],
  [604_800_000, 86_400_000],
  [1_814_400_000, 604_800_000],
  [3_628_800_000, 2_592_000_000],
];
const YEAR = 31_536_000_000;

/** The nearest interval that people would write down. */
export function roundInterval(ms: number): number {
  for (const [below, rounded] of LADDER) if (ms < below) return rounded;
  return YEAR;
}

const UNITS: [string, number][] = [
  ["y", YEAR],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
];

/** An interval in its largest unit alone, as `$__interval` is written: 90_000 -> `1m`. */
export function writeInterval(ms: number): string {
  for (const [unit, size] of UNITS) if (ms >= size) return `${Math.floor(ms / size)}${unit}`;
  return `${Math.max(1, Math.round(ms))}ms`;
}

export interface StepRequest {
  fromMs: number;
  toMs: number;
  /** How many points the panel can show: its option, else its width in pixels. */
  maxDataPoints: number;
  /** The target's own minimum step, the panel's, and the data source's scrape interval, as written. */
  targetInterval?: string;
  panelInterval?: string;
  scrapeInterval?: string;
  intervalFactor?: number;
}

export interface Step {
  stepMs: number;
  rateIntervalMs: number;
}

export const DEFAULT_SCRAPE_MS = 15_000;

/** Step and `$__rate_interval` of one query. */
export function computeStep(request: StepRequest): Step {
  const range = Math.max(1, request.toMs - request.fromMs);
  const source = parseDuration(request.scrapeInterval ?? "") || DEFAULT_SCRAPE_MS;
  const usesRate = /\$__rate_interval|\$\{__rate_interval\}/.test(request.targetInterval ?? "");
  const own = usesRate ? null : parseDuration(request.targetInterval ?? "");
  const scrape = own || source;
  const floor = own || parseDuration(request.panelInterval ?? "") || source;
  const rounded = roundInterval(range / Math.max(1, request.maxDataPoints));
  const interval = Math.max(rounded, floor);
  const safest = roundInterval(range / MAX_POINTS);
  const rateIntervalMs = Math.max(interval + scrape, 4 * scrape);
  const factor = Math.max(1, request.intervalFactor ?? 1);
  const stepMs = usesRate ? rateIntervalMs : Math.max(interval * factor, safest);
  return { stepMs, rateIntervalMs };
}

/** Start and end on multiples of the step, so that a refresh asks for the same points again. */
export function alignRange(fromMs: number, toMs: number, stepMs: number): { fromMs: number; toMs: number } {
  return { fromMs: Math.floor(fromMs / stepMs) * stepMs, toMs: Math.floor(toMs / stepMs) * stepMs };
}
