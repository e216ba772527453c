/** Time ranges as people and links write them: `now-6h`, `now-1d/d`, epoch milliseconds, ISO. */

export interface RawRange {
  from: string;
  to: string;
}

export interface TimeRange {
  fromMs: number;
  toMs: number;
  raw: RawRange;
}

export const DEFAULT_RANGE: RawRange = { from: "now-1h", to: "now" };

const FIXED_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

/** The instant that `text` means at `now`, or null. `end` rounds `/d` up to the end of the day. */
export function parseInstant(text: string, now: number, end = false): number | null {
  const trimmed = text.trim();
  if (/^-?\d{10,16}$/.test(trimmed)) {
    const value = Number(trimmed);
    return trimmed.length <= 11 ? value * 1000 : value;
  }
  if (!trimmed.startsWith("now")) {
    const local = /^\d{4}-\d\d-\d\d \d\d:\d\d/.test(trimmed) ? trimmed.replace(" ", "T") : trimmed;
    const parsed = Date.parse(/^\d{4}-\d\d-\d\d$/.test(local) ? `${local}T00:00:00` : local);
    return Number.isNaN(parsed) ? null : parsed;
  }
  const date = new Date(now);
  let rest = trimmed.slice(3);
  while (rest) {
    const step = /^([+-])(\d+)([smhdwMQy])/.exec(rest);
    if (step) {
      shift(date, Number(`${step[1]}${step[2]}`), step[3]!);
      rest = rest.slice(step[0].length);
      continue;
    }
    const round = /^\/(f?[smhdwMQy])/.exec(rest);
    if (!round) return null;
    roundTo(date, round[1]!.replace("f", ""), end);
    rest = rest.slice(round[0].length);
  }
  return date.getTime();
}

function shift(date: Date, count: number, unit: string): void {
  const fixed = FIXED_MS[unit];
  if (fixed) date.setTime(date.getTime() + count * fixed);
  else if (unit === "d") date.setDate(date.getDate() + count);
  else if (unit === "w") date.setDate(date.getDate() + 7 * count);
  else if (unit === "M") addMonths(date, count);
  else if (unit === "Q") addMonths(date, 3 * count);
  else addMonths(date, 12 * count);
}

/** Months are counted without spilling over: 31 March less one month is the last day of February. */
function addMonths(date: Date, count: number): void {
  const day = date.getDate();
  date.setDate(1);
  date.setMonth(date.getMonth() + count);
  const last = new Date(date.getFullYear(), date.getMonth() + 1, 0).getDate();
  date.setDate(Math.min(day, last));
}

function roundTo(date: Date, unit: string, end: boolean): void {
  const y = date.getFullYear();
  const m = date.getMonth();
  const d = date.getDate();
  const h = date.getHours();
  const min = date.getMinutes();
  const add = end ? 1 : 0;
  let bound: Date;
  if (unit === "s") bound = new Date(y, m, d, h, min, date.getSeconds() + add);
  else if (unit === "m") bound = new Date(y, m, d, h, min + add);
  else if (unit === "h") bound = new Date(y, m, d, h + add);
  else if (unit === "d") bound = new Date(y, m, d + add);
  else if (unit === "w") bound = new Date(y, m, d - ((date.getDay() + 6) % 7) + 7 * add);
  else if (unit === "M") bound = new Date(y, m + add, 1);
  else if (unit === "Q") bound = new Date(y, Math.floor(m / 3) * 3 + 3 * add, 1);
  else bound = new Date(y + add, 0, 1);
  date.setTime(bound.getTime() - (end ? 1 : 0));
}

/** The range that `raw` means at `now`; null when either end cannot be read or the range is empty. */
export function resolveRange(raw: RawRange, now: number): TimeRange | null {
  const fromMs = parseInstant(raw.from, now);
  const toMs = parseInstant(raw.to, now, true);
  if (fromMs === null || toMs === null || toMs <= fromMs) return null;
  return { fromMs, toMs, raw };
}

/** As `resolveRange`, with the last hour where `raw` means nothing. */
export function resolveOrDefault(raw: RawRange, now: number): TimeRange {
  return resolveRange(raw, now) ?? resolveRange(DEFAULT_RANGE, now)!;
}

export function isRelative(raw: RawRange): boolean {
  return raw.from.startsWith("now") || raw.to.startsWith("now");
}

/** The quick ranges offered first, in the order people look for them. */
export const QUICK_RANGES: { label: string; from: string; to: string }[] = [
  { label: "Last 5 minutes", from: "now-5m", to: "now" },
  { label: "Last 15 minutes", from: "now-15m", to: "now" },
  { label: "Last 30 minutes", from: "now-30m", to: "now" },
  { label: "Last 1 hour", from: "now-1h", to: "now" },
  { label: "Last 3 hours", from: "now-3h", to: "now" },
  { label: "Last 6 hours", from: "now-6h", to: "now" },
  { label: "Last 12 hours", from: "now-12h", to: "now" },
  { label: "Last 24 hours", from: "now-24h", to: "now" },
  { label: "Last 2 days", from: "now-2d", to: "now" },
  { label: "Last 7 days", from: "now-7d", to: "now" },
  { label: "Last 30 days", from: "now-30d", to: "now" },
  { label: "Last 90 days", from: "now-90d", to: "now" },
  { label: "Today", from: "now/d", to: "now/d" },
  { label: "Yesterday", from: "now-1d/d", to: "now-1d/d" },
  { label: "This week so far", from: "now/w", to: "now" },
  { label: "This month so far", from: "now/M", to: "now" },
];

const WORDS: Record<string, string> = {
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
  M: "month",
  y: "year",
};

/** What the time picker's button says. */
export function describeRange(raw: RawRange, now: number): string {
  const quick = QUICK_RANGES.find((one) => one.from === raw.from && one.to === raw.to);
  if (quick) return quick.label;
  const last = /^now-(\d+)([smhdwMy])$/.exec(raw.from);
  if (last && raw.to === "now") {
    const count = Number(last[1]);
    return `Last ${count} ${WORDS[last[2]!]}${count === 1 ? "" : "s"}`;
  }
  const range = resolveRange(raw, now);
  if (!range) return "Invalid range";
  const from = /^now/.test(raw.from) ? raw.from : formatInstant(range.fromMs);
  const to = /^now/.test(raw.to) ? raw.to : formatInstant(range.toMs);
  return `${from} to ${to}`;
}

const two = (n: number) => String(n).padStart(2, "0");

/** Local time to the second, without a zone: `2024-05-01 13:07:00`. */
export function formatInstant(ms: number): string {
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** As long again on both sides. */
export function zoomOut(range: TimeRange, now: number): RawRange {
  const half = (range.toMs - range.fromMs) / 2;
  const to = Math.min(range.toMs + half, Math.max(now, range.toMs));
  return absolute(to - 4 * half, to);
}

/** Half a range earlier (-1) or later (+1). */
export function shiftRange(range: TimeRange, direction: -1 | 1, now: number): RawRange {
  const width = range.toMs - range.fromMs;
  const to = Math.min(range.toMs + (direction * width) / 2, Math.max(now, range.toMs));
  return absolute(to - width, to);
}

export function absolute(fromMs: number, toMs: number): RawRange {
  return { from: String(Math.round(fromMs)), to: String(Math.round(toMs)) };
}

export const REFRESH_INTERVALS = ["", "5s", "10s", "30s", "1m", "5m", "15m", "1h"];
