/** Lengths of time in the unit in which people would say them. */

import { toFixed, type Formatted } from "./scale";

/** [seconds of one, what follows the number] from small to large. */
const LADDER: [number, string][] = [
  [1e-9, "ns"],
  [1e-6, "µs"],
  [1e-3, "ms"],
  [1, "s"],
  [60, "min"],
  [3600, "hour"],
  [86_400, "day"],
  [604_800, "week"],
  [31_536_000, "year"],
];

/** A time given in units of `unitSeconds`: 0.25 s -> `250 ms`. Weeks appear only when it was given in seconds. */
export function time(value: number, unitSeconds: number, name: string, decimals?: number | null): Formatted {
  if (value === 0) return { text: "0", suffix: ` ${name}` };
  const seconds = value * unitSeconds;
  const size = Math.abs(seconds);
  let step = LADDER[0]!;
  for (const candidate of LADDER) {
    if (candidate[1] === "week" && unitSeconds !== 1) continue;
    if (size >= candidate[0] * 0.999_999_9) step = candidate;
  }
  const amount = seconds / step[0];
  const text = toFixed(amount, decimals);
  const plural = step[0] >= 60 && Math.abs(amount) > 1 ? "s" : "";
  return { text, suffix: ` ${step[1]}${plural}` };
}

const PARTS: [number, string][] = [
  [31_536_000, "year"],
  [2_628_000, "month"],
  [604_800, "week"],
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
  [1e-3, "millisecond"],
];

/** In words: 7500 s -> `2 hours, 5 minutes`. `decimals` is how many parts follow the first. */
export function words(seconds: number, decimals?: number | null): Formatted {
  if (seconds === 0) return { text: "0", suffix: " s" };
  if (seconds < 0) return { text: `${words(-seconds, decimals).text} ago`, suffix: "" };
  let rest = seconds;
  let left = (decimals ?? 1) + 1;
  const said: string[] = [];
  for (const [size, name] of PARTS) {
    if (left === 0) break;
    const amount = Math.floor(rest / size + 1e-9);
    if (amount === 0 && said.length === 0) continue;
    if (amount > 0) said.push(`${amount} ${name}${amount === 1 ? "" : "s"}`);
    rest -= amount * size;
    left -= 1;
  }
  return { text: said.join(", "), suffix: "" };
}

const two = (n: number) => String(n).padStart(2, "0");

/** `01:02:03`, hours without an upper bound. */
export function clock(seconds: number): Formatted {
  const sign = seconds < 0 ? "-" : "";
  const s = Math.floor(Math.abs(seconds));
  return {
    text: `${sign}${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`,
    suffix: "",
  };
}

/** `3 d 01:02:03`. */
export function dayClock(seconds: number): Formatted {
  const days = Math.floor(Math.abs(seconds) / 86_400);
  const rest = clock(Math.abs(seconds) % 86_400).text;
  return { text: `${seconds < 0 ? "-" : ""}${days ? `${days} d ` : ""}${rest}`, suffix: "" };
}
