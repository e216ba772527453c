/** Grafana's unit ids -> text. Unknown ids are appended as they are, as Grafana does. */

import { formatDate, fromNow, isoDate } from "./date";
import { clock, dayClock, time, words } from "./duration";
import { count, iec, short, si, toFixed, type Formatted } from "./scale";

export type { Formatted } from "./scale";

type Formatter = (value: number, decimals?: number | null) => Formatted;

const fixed =
  (suffix: string): Formatter =>
  (value, decimals) => ({ text: toFixed(value, decimals), suffix: suffix ? ` ${suffix}` : "" });
const siFrom =
  (unit: string, start = ""): Formatter =>
  (value, decimals) =>
    si(value, unit, start, decimals);
const iecFrom =
  (unit: string, start = ""): Formatter =>
  (value, decimals) =>
    iec(value, unit, start, decimals);
const counted =
  (unit: string): Formatter =>
  (value, decimals) =>
    count(value, unit, decimals);
const timed =
  (seconds: number, name: string): Formatter =>
  (value, decimals) =>
    time(value, seconds, name, decimals);
const dated =
  (write: (ms: number, now: number) => string): Formatter =>
  (value) => ({ text: write(value, Date.now()), suffix: "" });
const yesNo =
  (yes: string, no: string): Formatter =>
  (value) => ({ text: value ? yes : no, suffix: "" });
const money =
  (symbol: string): Formatter =>
  (value, decimals) => {
    const scaled = count(value, "", decimals);
    return { prefix: symbol, text: scaled.text, suffix: scaled.suffix.trimEnd() };
  };

const FORMATS: Record<string, Formatter> = {
  none: fixed(""),
  string: fixed(""),
  short: (value, decimals) => short(value, decimals),
  sishort: siFrom(""),
  percent: (value, decimals) => ({ text: toFixed(value, decimals), suffix: "%" }),
  percentunit: (value, decimals) => ({ text: toFixed(value * 100, decimals), suffix: "%" }),
  locale: (value, decimals) => ({
    text: value.toLocaleString("en", { maximumFractionDigits: decimals ?? 3 }),
    suffix: "",
  }),
  sci: (value, decimals) => ({ text: value.toExponential(decimals ?? undefined), suffix: "" }),
  hex: (value) => ({ text: Math.round(value).toString(16).toUpperCase(), suffix: "" }),
  hex0x: (value) => ({ text: `0x${Math.round(value).toString(16).toUpperCase()}`, suffix: "" }),
  dB: fixed("dB"),
  humidity: fixed("%H"),
  pixel: fixed("px"),
  ppm: fixed("ppm"),
  // Data
  bytes: iecFrom("B"),
  decbytes: siFrom("B"),
  bits: iecFrom("b"),
  decbits: siFrom("b"),
  kbytes: iecFrom("B", "Ki"),
  mbytes: iecFrom("B", "Mi"),
  gbytes: iecFrom("B", "Gi"),
  tbytes: iecFrom("B", "Ti"),
  pbytes: iecFrom("B", "Pi"),
  deckbytes: siFrom("B", "k"),
  decmbytes: siFrom("B", "M"),
  decgbytes: siFrom("B", "G"),
  dectbytes: siFrom("B", "T"),
  decpbytes: siFrom("B", "P"),
  // Data rate
  binBps: iecFrom("B/s"),
  Bps: siFrom("B/s"),
  binbps: iecFrom("b/s"),
  bps: siFrom("b/s"),
  KiBs: iecFrom("B/s", "Ki"),
  MiBs: iecFrom("B/s", "Mi"),
  GiBs: iecFrom("B/s", "Gi"),
  KBs: siFrom("B/s", "k"),
  MBs: siFrom("B/s", "M"),
  GBs: siFrom("B/s", "G"),
  Kbits: siFrom("b/s", "k"),
  Mbits: siFrom("b/s", "M"),
  Gbits: siFrom("b/s", "G"),
  pps: siFrom("p/s"),
  // Throughput
  cps: counted("c/s"),
  ops: counted("ops/s"),
  reqps: counted("req/s"),
  rps: counted("rd/s"),
  wps: counted("wr/s"),
  iops: counted("io/s"),
  eps: counted("evt/s"),
  mps: counted("msg/s"),
  recps: counted("rec/s"),
  rowsps: counted("rows/s"),
  cpm: counted("c/min"),
  opm: counted("ops/min"),
  reqpm: counted("req/min"),
  rpm: counted("rd/min"),
  wpm: counted("wr/min"),
  epm: counted("evt/min"),
  mpm: counted("msg/min"),
  // Time
  ns: timed(1e-9, "ns"),
  "µs": timed(1e-6, "µs"),
  us: timed(1e-6, "µs"),
  ms: timed(1e-3, "ms"),
  s: timed(1, "s"),
  m: timed(60, "min"),
  h: timed(3600, "hour"),
  d: timed(86_400, "day"),
  dtdurations: (value, decimals) => words(value, decimals),
  dtdurationms: (value, decimals) => words(value / 1000, decimals),
  dthms: (value) => clock(value),
  dtdhms: (value) => dayClock(value),
  clocks: (value) => clock(value),
  clockms: (value) => clock(value / 1000),
  timeticks: (value, decimals) => time(value / 100, 1, "s", decimals),
  // Dates
  dateTimeAsIso: dated((ms, now) => isoDate(ms, now, false)),
  dateTimeAsIsoNoDateIfToday: dated((ms, now) => isoDate(ms, now, true)),
  dateTimeAsSystem: dated((ms, now) => isoDate(ms, now, false)),
  dateTimeAsLocal: dated((ms) => new Date(ms).toLocaleString()),
  dateTimeAsUS: dated((ms) => formatDate(ms, "MM/DD/YYYY h:mm:ss a")),
  dateTimeFromNow: dated(fromNow),
  // Frequency, energy, weather
  hertz: siFrom("Hz"),
  rothz: siFrom("Hz"),
  rotrpm: fixed("rpm"),
  watt: siFrom("W"),
  kwatt: siFrom("W", "k"),
  megwatt: siFrom("W", "M"),
  mwatt: siFrom("W", "m"),
  watth: siFrom("Wh"),
  kwatth: siFrom("Wh", "k"),
  volt: siFrom("V"),
  amp: siFrom("A"),
  joule: siFrom("J"),
  celsius: fixed("°C"),
  fahrenheit: fixed("°F"),
  farenheit: fixed("°F"),
  kelvin: fixed("K"),
  lengthm: siFrom("m"),
  velocityms: fixed("m/s"),
  velocitykmh: fixed("km/h"),
  degree: fixed("°"),
  flops: siFrom("FLOPS"),
  Hs: siFrom("H/s"),
  // Money, truth
  currencyUSD: money("$"),
  currencyGBP: money("£"),
  currencyEUR: money("€"),
  currencyJPY: money("¥"),
  currencyCHF: money("CHF "),
  bool: yesNo("True", "False"),
  bool_yes_no: yesNo("Yes", "No"),
  bool_on_off: yesNo("On", "Off"),
};

function custom(unit: string): Formatter {
  const at = unit.indexOf(":");
  const head = at < 0 ? "" : unit.slice(0, at);
  const rest = unit.slice(at + 1);
  if (head === "prefix") return (value, decimals) => ({ prefix: rest, text: toFixed(value, decimals), suffix: "" });
  if (head === "suffix") return (value, decimals) => ({ text: toFixed(value, decimals), suffix: rest });
  if (head === "time") return (value) => ({ text: formatDate(value, rest), suffix: "" });
  if (head === "si") return siFrom(rest.slice(1), rest.slice(0, 1));
  if (head === "count") return counted(rest);
  if (head === "currency") return (value, decimals) => ({ prefix: rest, text: toFixed(value, decimals), suffix: "" });
  if (head === "bool") {
    const [yes, no] = rest.split("/");
    return yesNo(yes ?? "True", no ?? "False");
  }
  return fixed(unit);
}

/** The formatter of a unit id. */
export function formatter(unit: string | undefined): Formatter {
  if (!unit) return FORMATS.none!;
  return FORMATS[unit] ?? custom(unit);
}

/** Whether values of this unit climb by 1024, so that axis ticks should too. */
export function isBinary(unit: string | undefined): boolean {
  return unit !== undefined && FORMATS[unit] !== undefined && /^(bytes|bits|[kmgtp]bytes|bin[Bb]ps|[KMG]iBs)$/.test(unit);
}

/** Whether the unit is one of the date units, whose values are instants. */
export function isDate(unit: string | undefined): boolean {
  return unit !== undefined && (unit.startsWith("dateTime") || unit.startsWith("time:"));
}

/** One string: prefix, number, suffix. */
export function formatValue(value: number | null | undefined, unit?: string, decimals?: number | null): string {
  if (value === null || value === undefined) return "";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const { prefix, text, suffix } = formatter(unit)(value, decimals);
  return `${prefix ?? ""}${text}${suffix}`;
}
