/** Instants (epoch milliseconds) as dates. */

import { formatAge } from "../time/duration";
import { formatInstant } from "../time/range";

const two = (n: number) => String(n).padStart(2, "0");

const TOKENS: Record<string, (d: Date) => string> = {
  YYYY: (d) => String(d.getFullYear()),
  YY: (d) => two(d.getFullYear() % 100),
  MMMM: (d) => d.toLocaleString("en", { month: "long" }),
  MMM: (d) => d.toLocaleString("en", { month: "short" }),
  MM: (d) => two(d.getMonth() + 1),
  M: (d) => String(d.getMonth() + 1),
  DD: (d) => two(d.getDate()),
  D: (d) => String(d.getDate()),
  dddd: (d) => d.toLocaleString("en", { weekday: "long" }),
  ddd: (d) => d.toLocaleString("en", { weekday: "short" }),
  HH: (d) => two(d.getHours()),
  H: (d) => String(d.getHours()),
  hh: (d) => two(d.getHours() % 12 || 12),
  h: (d) => String(d.getHours() % 12 || 12),
  mm: (d) => two(d.getMinutes()),
  m: (d) => String(d.getMinutes()),
  ss: (d) => two(d.getSeconds()),
  s: (d) => String(d.getSeconds()),
  SSS: (d) => String(d.getMilliseconds()).padStart(3, "0"),
  A: (d) => (d.getHours() < 12 ? "AM" : "PM"),
  a: (d) => (d.getHours() < 12 ? "am" : "pm"),
};

/** A date in moment's tokens: `YYYY-MM-DD HH:mm:ss`. Text in brackets stays. */
export function formatDate(ms: number, pattern: string): string {
  const date = new Date(ms);
  return pattern.replace(
    /\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|SSS|A|a/g,
    (token, literal?: string) => literal ?? TOKENS[token]!(date),
  );
}

export function isoDate(ms: number, now: number, shortToday: boolean): string {
  const text = formatInstant(ms);
  return shortToday && text.slice(0, 10) === formatInstant(now).slice(0, 10) ? text.slice(11) : text;
}

export function fromNow(ms: number, now: number): string {
  const distance = now - ms;
  return distance >= 0 ? `${formatAge(distance)} ago` : `in ${formatAge(-distance)}`;
}
