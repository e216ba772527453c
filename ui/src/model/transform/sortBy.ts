/** `sortBy`: rows by one field. */

import { sortRows } from "../../panels/tableSort";
import type { Frame } from "../frames/types";

export function sortBy(frames: Frame[], options: { sort?: { field?: string; desc?: boolean }[] }): Frame[] {
  const wanted = options.sort?.[0];
  if (!wanted?.field) return frames;
  return frames.map((frame) => {
    const order = sortRows(frame, { by: wanted.field!, desc: Boolean(wanted.desc) });
    return { ...frame, fields: frame.fields.map((field) => ({ ...field, values: order.map((row) => field.values[row]!) })) };
  });
}
