/** `groupBy`: rows with equal keys as one row, their other fields reduced. */

import { displayName } from "../frames/names";
import { calc } from "../frames/reduce";
import { frameLength, type Field, type Frame } from "../frames/types";

interface Options {
  fields?: Record<string, { operation?: "groupby" | "aggregate" | null; aggregations?: string[] }>;
}

export function groupByFields(frames: Frame[], options: Options): Frame[] {
  const wanted = options.fields ?? {};
  return frames.map((frame) => {
    const operation = (field: Field) => wanted[displayName(field, frame)] ?? wanted[field.name];
    const keys = frame.fields.filter((field) => operation(field)?.operation === "groupby");
    if (keys.length === 0) return frame;
    const groups = new Map<string, number[]>();
    for (let row = 0; row < frameLength(frame); row++) {
      const key = JSON.stringify(keys.map((field) => field.values[row] ?? null));
      const rows = groups.get(key);
      if (rows) rows.push(row);
      else groups.set(key, [row]);
    }
    const all = [...groups.values()];
    const fields: Field[] = keys.map((field) => ({ ...field, values: all.map((rows) => field.values[rows[0]!]!) }));
    for (const field of frame.fields) {
      const own = operation(field);
      if (own?.operation !== "aggregate") continue;
      for (const id of own.aggregations ?? []) {
        const values = all.map((rows) => calc(id).run(rows.map((row) => field.values[row] as number | null)));
        fields.push({ name: `${displayName(field, frame)} (${id})`, type: "number", values, config: field.config, labels: field.labels });
      }
    }
    return { ...frame, fields };
  });
}
