/** `renameByRegex`: display names through a pattern. */

import { toRegExp } from "../field/apply";
import { displayName } from "../frames/names";
import type { Frame } from "../frames/types";

export function renameByRegex(frames: Frame[], options: { regex?: string; renamePattern?: string }): Frame[] {
  const pattern = options.regex ? toRegExp(options.regex) : null;
  if (!pattern) return frames;
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const name = displayName(field, frame);
      if (field.type === "time" || !pattern.test(name)) return field;
      return { ...field, config: { ...field.config, displayName: name.replace(pattern, options.renamePattern ?? "") } };
    }),
  }));
}
