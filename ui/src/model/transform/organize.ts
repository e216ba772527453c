/** `organize`: leaves fields out, orders and renames them, by display name. */

import { displayName } from "../frames/names";
import type { Field, Frame } from "../frames/types";

interface Options {
  excludeByName?: Record<string, boolean>;
  includeByName?: Record<string, boolean>;
  indexByName?: Record<string, number>;
  renameByName?: Record<string, string>;
}

export function organize(frames: Frame[], options: Options): Frame[] {
  const { excludeByName = {}, includeByName = {}, indexByName = {}, renameByName = {} } = options;
  const only = Object.values(includeByName).some(Boolean);
  return frames.map((frame) => {
    const name = (field: Field) => displayName(field, frame);
    const kept = frame.fields.filter((field) => !excludeByName[name(field)] && (!only || includeByName[name(field)]));
    const place = (field: Field) => indexByName[name(field)] ?? Infinity;
    const sorted = Object.keys(indexByName).length
      ? kept.map((field, at) => ({ field, at })).sort((a, b) => (place(a.field) === place(b.field) ? a.at - b.at : place(a.field) - place(b.field))).map(({ field }) => field)
      : kept;
    return {
      ...frame,
      fields: sorted.map((field) => {
        const renamed = renameByName[name(field)];
        return renamed ? { ...field, config: { ...field.config, displayName: renamed } } : field;
      }),
    };
  });
}
