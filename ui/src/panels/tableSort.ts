/** The order of a table's rows. */

import { displayName } from "../model/frames/names";
import { frameLength, type Frame } from "../model/frames/types";

export interface Sort {
  by: string;
  desc: boolean;
}

/** Row numbers in the wanted order; equal rows stay as they came, empty cells go last. */
export function sortRows(frame: Frame, sort: Sort | null): number[] {
  const rows = Array.from({ length: frameLength(frame) }, (_, i) => i);
  const field = sort && frame.fields.find((one) => displayName(one, frame) === sort.by || one.name === sort.by);
  if (!sort || !field) return rows;
  const sign = sort.desc ? -1 : 1;
  const empty = (value: unknown) => value === null || value === undefined || value === "" || Number.isNaN(value);
  return rows.sort((a, b) => {
    const x = field.values[a];
    const y = field.values[b];
    if (empty(x) || empty(y)) return Number(empty(x)) - Number(empty(y));
    if (typeof x === "number" && typeof y === "number") return sign * (x - y);
    return sign * String(x).localeCompare(String(y), "en", { numeric: true });
  });
}
