/** `filterFieldsByName`: keeps what `include` names, then drops what `exclude` names. */

import { toRegExp } from "../field/apply";
import { displayName } from "../frames/names";
import type { Frame } from "../frames/types";

interface Names {
  names?: string[];
  pattern?: string;
}

function names(wanted: Names | undefined): ((name: string) => boolean) | null {
  if (!wanted) return null;
  const pattern = wanted.pattern ? toRegExp(wanted.pattern) : null;
  if (!pattern && !wanted.names?.length) return null;
  return (name) => (wanted.names?.includes(name) ?? false) || (pattern?.test(name) ?? false);
}

export function filterFieldsByName(frames: Frame[], options: { include?: Names; exclude?: Names }): Frame[] {
  const include = names(options.include);
  const exclude = names(options.exclude);
  return frames
    .map((frame) => ({
      ...frame,
      fields: frame.fields.filter((field) => {
        const name = displayName(field, frame);
        return (!include || include(name)) && !exclude?.(name);
      }),
    }))
    .filter((frame) => frame.fields.length > 0);
}
