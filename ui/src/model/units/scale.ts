/** Scaling a value to a readable prefix. */

export interface Formatted {
  prefix?: string;
  text: string;
  suffix: string;
}

const SI = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const IEC = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
const COUNT = ["", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept"];
const COUNT_SHORT = ["", "K", "M", "B", "T"];

/** How many digits after the point, when nothing is set: about three significant ones, none for integers. */
export function autoDecimals(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || Number.isInteger(value)) return 0;
  const whole = Math.floor(Math.log10(size)) + 1;
  return Math.max(0, Math.min(10, 3 - Math.max(whole, whole <= 0 ? whole : 1)));
}

/** `value` with `decimals`, or with as many as it needs. */
export function toFixed(value: number, decimals?: number | null): string {
  if (decimals !== undefined && decimals !== null) return value.toFixed(Math.max(0, Math.min(20, decimals)));
  const text = value.toFixed(autoDecimals(value));
  // Trailing zeros say nothing when nobody asked for digits: 1.50 -> 1.5.
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function scaled(
  value: number,
  base: number,
  names: string[],
  first: number,
  decimals?: number | null,
): [string, string] {
  let index = first;
  let rest = value;
  while (Math.abs(rest) >= base && index < names.length - 1) {
    rest /= base;
    index += 1;
  }
  while (rest !== 0 && Math.abs(rest) < 1 && index > 0 && names === SI) {
    rest *= base;
    index -= 1;
  }
  // 999.96 with one digit reads 1000.0: take the next prefix instead.
  if (Math.abs(Number(toFixed(rest, decimals))) >= base && index < names.length - 1) {
    rest /= base;
    index += 1;
  }
  return [toFixed(rest, decimals), names[index]!];
}

/** SI prefixes (1000), starting from `start` ("k" for a value that already counts thousands). */
export function si(value: number, unit: string, start = "", decimals?: number | null): Formatted {
  const [text, prefix] = scaled(value, 1000, SI, SI.indexOf(start), decimals);
  return { text, suffix: unit || prefix ? ` ${prefix}${unit}` : "" };
}

/** IEC prefixes (1024). */
export function iec(value: number, unit: string, start = "", decimals?: number | null): Formatted {
  const [text, prefix] = scaled(value, 1024, IEC, IEC.indexOf(start), decimals);
  return { text, suffix: ` ${prefix}${unit}` };
}

/** Counts in words: K, Mil, Bil. */
export function short(value: number, decimals?: number | null): Formatted {
  const [text, suffix] = scaled(value, 1000, COUNT, 0, decimals);
  return { text, suffix };
}

/** Counts with a unit: `1.2K req/s`. */
export function count(value: number, unit: string, decimals?: number | null): Formatted {
  const [text, suffix] = scaled(value, 1000, COUNT_SHORT, 0, decimals);
  return { text, suffix: unit ? `${suffix} ${unit}` : suffix };
}
