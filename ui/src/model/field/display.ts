/** A value as it is shown: mapped, in its unit, in its colour. */

import { formatter } from "../units/format";
import { valueColor, namedColor, type Theme } from "./colors";
import type { FieldConfig, Mapping, MappingResult } from "./types";

export interface Shown {
  prefix: string;
  text: string;
  suffix: string;
  color: string;
  /** The text came from a value mapping. */
  mapped: boolean;
}

/** The first mapping that applies to `value`. */
export function mapValue(value: number | string | null, mappings: readonly Mapping[] | undefined): MappingResult | null {
  for (const mapping of mappings ?? []) {
    const found = tryMapping(value, mapping);
    if (found) return found;
  }
  return null;
}

function tryMapping(value: number | string | null, mapping: Mapping): MappingResult | null {
  switch (mapping.type) {
    case "value":
      return value === null ? null : (mapping.options[String(value)] ?? null);
    case "range": {
      const number = typeof value === "number" ? value : Number(value);
      if (value === null || value === "" || Number.isNaN(number)) return null;
      const { from, to, result } = mapping.options;
      return number >= (from ?? -Infinity) && number <= (to ?? Infinity) ? result : null;
    }
    case "regex": {
      if (value === null) return null;
      try {
        const pattern = new RegExp(mapping.options.pattern.replace(/^\/(.*)\/$/, "$1"));
        const text = String(value);
        if (!pattern.test(text)) return null;
        const { result } = mapping.options;
        return { ...result, text: result.text ? text.replace(pattern, result.text) : text };
      } catch {
        return null;
      }
    }
    case "special":
      return isSpecial(value, mapping.options.match) ? mapping.options.result : null;
    default:
      return null;
  }
}

function isSpecial(value: number | string | null, match: string): boolean {
  const nan = typeof value === "number" && Number.isNaN(value);
  switch (match) {
    case "null":
      return value === null;
    case "nan":
      return nan;
    case "null+nan":
      return value === null || nan;
    case "true":
      return value === 1 || value === "true";
    case "false":
      return value === 0 || value === "false";
    case "empty":
      return value === "";
    default:
      return false;
  }
}

/** How `value` reads under `config`. */
export function show(
  value: number | string | null,
  config: FieldConfig,
  theme: Theme,
  index = 0,
  name = "",
): Shown {
  const number = typeof value === "number" ? value : null;
  const color = valueColor(number, config, theme, index, name);
  const mapped = mapValue(value, config.mappings);
  if (mapped) {
    const own = mapped.color ? namedColor(mapped.color, theme) : color;
    if (mapped.text !== undefined && mapped.text !== "")
      return { prefix: "", text: mapped.text, suffix: "", color: own, mapped: true };
    return { ...plain(value, config), color: own, mapped: false };
  }
  return { ...plain(value, config), color, mapped: false };
}

function plain(value: number | string | null, config: FieldConfig): { prefix: string; text: string; suffix: string } {
  if (value === null) return { prefix: "", text: config.noValue ?? "–", suffix: "" };
  if (typeof value === "string") return { prefix: "", text: value, suffix: "" };
  if (Number.isNaN(value)) return { prefix: "", text: config.noValue ?? "NaN", suffix: "" };
  if (!Number.isFinite(value)) return { prefix: "", text: value > 0 ? "+Inf" : "-Inf", suffix: "" };
  const { prefix, text, suffix } = formatter(config.unit)(value, config.decimals);
  return { prefix: prefix ?? "", text, suffix };
}

export function shownText(shown: Shown): string {
  return `${shown.prefix}${shown.text}${shown.suffix}`;
}
