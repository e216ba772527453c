import { frameLength, type Cell, type Frame } from "../frames/types";

/** A frame's rows by field name. */
export function rowsOf(frame: Frame): Map<string, Cell>[] {
  return Array.from({ length: frameLength(frame) }, (_, row) => new Map(frame.fields.map((field) => [field.name, field.values[row] ?? null])));
}
