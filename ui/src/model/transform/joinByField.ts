/** `joinByField` (once `seriesToColumns`): rows of several tables side by side where one field is equal. */

import { displayName } from "../frames/names";
import { frameLength, type Cell, type Field, type Frame } from "../frames/types";

export function joinByField(frames: Frame[], options: { byField?: string; mode?: string }): Frame[] {
  const keyOf = (frame: Frame): Field | undefined =>
    options.byField
      ? frame.fields.find((field) => field.name === options.byField || displayName(field, frame) === options.byField)
      : frame.fields.find((field) => field.type === "time");
  const joined = frames.filter((frame) => keyOf(frame));
  if (joined.length === 0) return frames;
  const keys: Cell[] = [];
  const place = new Map<Cell, number>();
  const counts: number[] = [];
  for (const frame of joined) {
    const seen = new Set<Cell>();
    for (const key of keyOf(frame)!.values) {
      if (!place.has(key)) {
        place.set(key, keys.length);
        keys.push(key);
        counts.push(0);
      }
      if (!seen.has(key)) counts[place.get(key)!]! += 1;
      seen.add(key);
    }
  }
  const first = keyOf(joined[0]!)!;
  let order = keys.map((_, index) => index);
  if (options.mode === "inner") order = order.filter((index) => counts[index] === joined.length);
  if (first.type === "time") order.sort((a, b) => (keys[a] as number) - (keys[b] as number));
  const fields: Field[] = [{ ...first, values: order.map((index) => keys[index]!) }];
  const names = new Set([first.name]);
  for (const frame of joined) {
    const own = keyOf(frame)!;
    for (const field of frame.fields) {
      if (field === own) continue;
      const column = new Array<Cell>(keys.length).fill(null);
      for (let row = 0; row < frameLength(frame); row++) column[place.get(own.values[row]!)!] = field.values[row] ?? null;
      fields.push({ ...field, name: unique(field.name, names), values: order.map((index) => column[index]!) });
    }
  }
  return [{ refId: joined.map((frame) => frame.refId).join("-"), fields }];
}

function unique(name: string, taken: Set<string>): string {
  let found = name;
  for (let n = 1; taken.has(found); n++) found = `${name} ${n}`;
  taken.add(found);
  return found;
}
