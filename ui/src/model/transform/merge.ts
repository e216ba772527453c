/** `merge`: all tables as one; rows equal in every shared column become one row. */

import type { Cell, Field, Frame } from "../frames/types";
import { rowsOf } from "./rows";

export function merge(frames: Frame[]): Frame[] {
  const tables = frames.filter((frame) => frame.fields.length > 0);
  if (tables.length < 2) return frames;
  const columns = new Map<string, Field>();
  for (const frame of tables) for (const field of frame.fields) if (!columns.has(field.name)) columns.set(field.name, field);
  const shared = [...columns.keys()].filter((name) => tables.every((frame) => frame.fields.some((field) => field.name === name)));
  const rows: Map<string, Cell>[] = [];
  const known = new Map<string, Map<string, Cell>[]>();
  for (const frame of tables) {
    for (const row of rowsOf(frame)) {
      const key = JSON.stringify(shared.map((name) => row.get(name) ?? null));
      const candidates = known.get(key) ?? [];
      known.set(key, candidates);
      const partner = candidates.find((other) => fits(other, row));
      if (partner) for (const [name, value] of row) partner.set(name, value);
      else {
        candidates.push(row);
        rows.push(row);
      }
    }
  }
  const fields = [...columns.values()].map((field) => ({ ...field, values: rows.map((row) => row.get(field.name) ?? null) }));
  return [{ refId: tables.map((frame) => frame.refId).join("-"), fields }];
}

/** Whether two rows say nothing against each other. */
function fits(a: Map<string, Cell>, b: Map<string, Cell>): boolean {
  for (const [name, value] of b) {
    const other = a.get(name);
    if (other !== undefined && other !== null && value !== null && other !== value) return false;
  }
  return true;
}
