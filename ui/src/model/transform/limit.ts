/** `limit`: the first rows. */

import type { Frame } from "../frames/types";

export function limit(frames: Frame[], options: { limitField?: number | string }): Frame[] {
  const most = Number(options.limitField ?? 10);
  return frames.map((frame) => ({ ...frame, fields: frame.fields.map((field) => ({ ...field, values: field.values.slice(0, most) })) }));
}
