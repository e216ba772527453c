/** Named colours, palettes, and the colour that a series or a value gets. */

import { calc } from "../frames/reduce";
import { activeStep } from "./thresholds";
import type { FieldConfig } from "./types";

export type Theme = "light" | "dark";

/** [on dark, on light] for the plain hue; the lighter and darker variants are mixed from it. */
const HUES: Record<string, [string, string]> = {
  red: ["#F2495C", "#E02F44"],
  orange: ["#FF9830", "#FF780A"],
  yellow: ["#FADE2A", "#E0B400"],
  green: ["#73BF69", "#56A64B"],
  blue: ["#5794F2", "#3274D9"],
  purple: ["#B877D9", "#A352CC"],
};

const SHADES: Record<string, number> = {
  "super-light-": 0.55,
  "light-": 0.28,
  "semi-dark-": -0.12,
  "dark-": -0.26,
};

/** A mixture of `color` with white (positive) or black (negative). */
export function shade(color: string, amount: number): string {
  const [r, g, b] = parseHex(color);
  const to = amount > 0 ? 255 : 0;
  const mix = (channel: number) => Math.round(channel + (to - channel) * Math.abs(amount));
  return `#${[mix(r), mix(g), mix(b)].map((c) => c.toString(16).padStart(2, "0")).join("")}`;
}

export function parseHex(color: string): [number, number, number] {
  const hex = color.replace("#", "");
  const full = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex;
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16) || 0) as [number, number, number];
}

/** A Grafana colour name as CSS; anything that is no name goes through. */
export function namedColor(name: string, theme: Theme): string {
  if (name === "text") return "var(--text)";
  if (name === "transparent" || name === "panel-bg") return "transparent";
  const at = theme === "dark" ? 0 : 1;
  if (HUES[name]) return HUES[name]![at];
  for (const [prefix, amount] of Object.entries(SHADES)) {
    const hue = name.startsWith(prefix) ? HUES[name.slice(prefix.length)] : undefined;
    if (hue) return shade(hue[at], amount);
  }
  return name;
}

/** `color` with `alpha` over what lies beneath; needs a hex or rgb colour. */
export function withAlpha(color: string, alpha: number): string {
  if (color.startsWith("#") && (color.length === 7 || color.length === 4)) {
    const [r, g, b] = parseHex(color);
    return `rgba(${r}, ${g}, ${b}, ${alpha})`;
  }
  const rgb = /^rgba?\(([^,]+),([^,]+),([^,)]+)/.exec(color);
  return rgb ? `rgba(${rgb[1]},${rgb[2]},${rgb[3]}, ${alpha})` : color;
}

const CLASSIC = [
  "green", "semi-dark-yellow", "blue", "orange", "red", "purple",
  "dark-green", "dark-yellow", "dark-blue", "dark-orange", "dark-red", "dark-purple",
  "light-green", "light-yellow", "light-blue", "light-orange", "light-red", "light-purple",
  "#447EBC", "#C15C17", "#890F02", "#0A437C", "#6D1F62", "#584477", "#B7DBAB", "#F4D598",
  "#70DBED", "#F9BA8F", "#F29191", "#82B5D8", "#E5A8E2", "#AEA2E0", "#629E51", "#E5AC0E",
  "#64B0C8", "#E0752D", "#BF1B00", "#0A50A1", "#962D82", "#614D93",
]; // prettier-ignore

/** The `index`th colour of the classic palette. */
export function paletteColor(index: number, theme: Theme): string {
  return namedColor(CLASSIC[index % CLASSIC.length]!, theme);
}

/** A colour that stays with a name whatever else is shown. */
export function colorByName(name: string, theme: Theme): string {
  let hash = 5381;
  for (let i = 0; i < name.length; i++) hash = ((hash << 5) + hash + name.charCodeAt(i)) >>> 0;
  return paletteColor(hash, theme);
}

const SCALES: Record<string, string[]> = {
  "continuous-GrYlRd": ["#73BF69", "#FADE2A", "#F2495C"],
  "continuous-RdYlGr": ["#F2495C", "#FADE2A", "#73BF69"],
  "continuous-BlYlRd": ["#5794F2", "#FADE2A", "#F2495C"],
  "continuous-YlRd": ["#FADE2A", "#F2495C"],
  "continuous-BlPu": ["#5794F2", "#B877D9"],
  "continuous-YlBl": ["#FADE2A", "#5794F2"],
  "continuous-blues": ["#C6DBEF", "#3274D9", "#08306B"],
  "continuous-reds": ["#FCBBA1", "#E02F44", "#67000D"],
  "continuous-greens": ["#C7E9C0", "#56A64B", "#00441B"],
  "continuous-purples": ["#DADAEB", "#A352CC", "#3F007D"],
};

/** The colour at `ratio` (0 to 1) of a continuous scale. */
export function scaleColor(mode: string, ratio: number): string {
  const stops = SCALES[mode] ?? SCALES["continuous-GrYlRd"]!;
  const at = Math.max(0, Math.min(1, Number.isNaN(ratio) ? 0 : ratio)) * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  const [a, b] = [parseHex(stops[low]!), parseHex(stops[low + 1]!)];
  return `#${a.map((c, i) => Math.round(c + (b[i]! - c) * (at - low)).toString(16).padStart(2, "0")).join("")}`;
}

/** The colour of one value under `config`. */
export function valueColor(value: number | null, config: FieldConfig, theme: Theme, index = 0, name = ""): string {
  const mode = config.color?.mode ?? "thresholds";
  if (mode === "fixed") return namedColor(config.color?.fixedColor ?? "blue", theme);
  if (mode === "shades") return shade(namedColor(config.color?.fixedColor ?? "blue", theme), ((index % 5) - 2) * 0.16);
  if (mode === "palette-classic") return paletteColor(index, theme);
  if (mode === "palette-classic-by-name") return colorByName(name, theme);
  if (mode.startsWith("continuous")) {
    const low = config.min ?? 0;
    const high = config.max ?? 100;
    return scaleColor(mode, ((value ?? low) - low) / (high - low || 1));
  }
  const step = activeStep(value, config);
  return namedColor(step?.color ?? "green", theme);
}

/** The colour of a whole series: of its place in the palette, or of its last value. */
export function seriesColor(
  values: readonly (number | null)[],
  config: FieldConfig,
  theme: Theme,
  index: number,
  name: string,
): string {
  const mode = config.color?.mode ?? "palette-classic";
  const by = config.color?.seriesBy ?? "last";
  const value = calc(by === "last" ? "lastNotNull" : by).run(values);
  return valueColor(value, { ...config, color: { ...config.color, mode } }, theme, index, name);
}
