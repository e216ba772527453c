/** The values that stat, gauge and pie panels show: one for each field, or one for each row. */

import { displayName } from "../frames/names";
import { calc } from "../frames/reduce";
import type { Field, Frame } from "../frames/types";
import { toRegExp } from "./apply";
import type { FieldConfig } from "./types";

export interface ReduceOptions {
  values?: boolean;
  calcs?: string[];
  fields?: string;
  limit?: number;
}

export interface SingleValue {
  name: string;
  value: number | string | null;
  config: FieldConfig;
  /** The column behind the value, for a sparkline. */
  history: (number | null)[];
  index: number;
}

const DEFAULT_LIMIT = 25;

export function singleValues(frames: readonly Frame[], options: ReduceOptions = {}): SingleValue[] {
  const found: SingleValue[] = [];
  const limit = options.limit ?? DEFAULT_LIMIT;
  const id = options.calcs?.[0] ?? "lastNotNull";
  for (const frame of frames) {
    for (const field of frame.fields) {
      if (!wanted(field, frame, options.fields) || found.length >= 500) continue;
      const numeric = field.type === "number";
      if (options.values) {
        const rows = field.values.slice(0, limit);
        rows.forEach((value, row) =>
          found.push({
            name: rowName(frame, field, row),
            value: numeric || typeof value === "string" ? (value as number | string | null) : null,
            config: withRange(field, frames),
            history: [],
            index: found.length,
          }),
        );
        continue;
      }
      const column = field.values as (number | null)[];
      const value = numeric ? calc(id).run(column) : (lastText(field.values) ?? null);
      found.push({
        name: displayName(field, frame),
        value,
        config: withRange(field, frames),
        history: numeric ? column : [],
        index: found.length,
      });
    }
  }
  return found;
}

function wanted(field: Field, frame: Frame, fields: string | undefined): boolean {
  if (!fields) return field.type === "number";
  if (field.type === "other") return false;
  const name = displayName(field, frame);
  if (fields.startsWith("/")) return toRegExp(fields)?.test(name) ?? false;
  return name === fields || field.name === fields;
}

function lastText(values: Field["values"]): string | undefined {
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i];
    if (typeof value === "string" || typeof value === "number") return String(value);
  }
  return undefined;
}

/** In row mode the texts of the row name the value. */
function rowName(frame: Frame, field: Field, row: number): string {
  const texts = frame.fields.filter((one) => one.type === "string").map((one) => String(one.values[row] ?? ""));
  return texts.filter(Boolean).join(" ") || displayName(field, frame);
}

/** Limits that are not set come from the data of all number fields. */
function withRange(field: Field, frames: readonly Frame[]): FieldConfig {
  const { config } = field;
  if (config.min !== undefined && config.min !== null && config.max !== undefined && config.max !== null) return config;
  let low = Infinity;
  let high = -Infinity;
  for (const frame of frames)
    for (const one of frame.fields)
      if (one.type === "number")
        for (const value of one.values as (number | null)[])
          if (value !== null && Number.isFinite(value)) {
            if (value < low) low = value;
            if (value > high) high = value;
          }
  const percent = config.unit === "percentunit" ? 1 : config.unit === "percent" ? 100 : undefined;
  return {
    ...config,
    min: config.min ?? (percent ? 0 : Number.isFinite(low) ? Math.min(low, 0) : 0),
    max: config.max ?? percent ?? (Number.isFinite(high) ? (high === low && high <= 0 ? 1 : high) : 100),
  };
}
