/** Field configuration onto frames: the defaults, then each override in order. */

import { displayName } from "../frames/names";
import { calc } from "../frames/reduce";
import type { Field, Frame } from "../frames/types";
import type { FieldConfig, FieldConfigSource, Override } from "./types";

/** New frames whose fields carry their configuration; the given ones stay as they are. */
export function applyFieldConfig(frames: readonly Frame[], source: FieldConfigSource): Frame[] {
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const numeric = field.type === "number";
      const base: FieldConfig = { ...(numeric ? source.defaults : withoutNumbers(source.defaults)), ...field.config };
      let configured: Field = { ...field, config: { ...base, custom: { ...source.defaults.custom, ...field.config.custom } } };
      for (const override of source.overrides) {
        if (matches(override, configured, frame)) configured = withProperties(configured, override);
      }
      return configured;
    }),
  }));
}

function withoutNumbers(defaults: FieldConfig): FieldConfig {
  const { unit: _unit, decimals: _decimals, min: _min, max: _max, displayName: _name, ...rest } = defaults;
  return rest;
}

function withProperties(field: Field, override: Override): Field {
  const config: FieldConfig = { ...field.config, custom: { ...field.config.custom } };
  for (const { id, value } of override.properties) {
    if (id.startsWith("custom.")) config.custom![id.slice(7)] = value;
    else (config as Record<string, unknown>)[id] = value;
  }
  return { ...field, config };
}

/** A Grafana pattern: `/expr/flags` is a regular expression, anything else is itself. */
export function toRegExp(pattern: string): RegExp | null {
  const found = /^\/(.*)\/([gimsuy]*)$/s.exec(pattern);
  try {
    return found ? new RegExp(found[1]!, found[2]!.replace("g", "")) : new RegExp(pattern);
  } catch {
    return null;
  }
}

function matches(override: Override, field: Field, frame: Frame): boolean {
  const { id, options } = override.matcher;
  const name = displayName(field, frame);
  switch (id) {
    case "byName":
      return name === options || field.name === options;
    case "byNames": {
      const wanted = options as { names?: string[]; mode?: string } | undefined;
      const listed = wanted?.names?.includes(name) ?? false;
      return wanted?.mode === "exclude" ? !listed && field.type === "number" : listed;
    }
    case "byRegexp":
      return typeof options === "string" && (toRegExp(options)?.test(name) ?? false);
    case "byType":
      return field.type === options;
    case "byFrameRefID":
      return frame.refId === options && field.type !== "time";
    case "byValue":
      return byValue(options as ByValue | undefined, field);
    default:
      return false;
  }
}

interface ByValue {
  reducer?: string;
  op?: string;
  value?: number;
}

function byValue(options: ByValue | undefined, field: Field): boolean {
  if (!options || field.type !== "number") return false;
  const found = calc(options.reducer ?? "lastNotNull").run(field.values as (number | null)[]);
  const wanted = options.value ?? 0;
  if (found === null) return false;
  switch (options.op) {
    case "lt":
      return found < wanted;
    case "lte":
      return found <= wanted;
    case "gt":
      return found > wanted;
    case "eq":
      return found === wanted;
    case "neq":
      return found !== wanted;
    default:
      return found >= wanted;
  }
}
