/** `reduce`: each series as a row of its calcs, or each field as one value. */

import { displayName } from "../frames/names";
import { calc } from "../frames/reduce";
import type { Field, Frame } from "../frames/types";

interface Options {
  mode?: "seriesToRows" | "reduceFields";
  reducers?: string[];
  labelsToFields?: boolean;
}

export function reduceFrames(frames: Frame[], options: Options): Frame[] {
  const reducers = options.reducers?.length ? options.reducers : ["max"];
  if (options.mode === "reduceFields")
    return frames.map((frame) => ({
      ...frame,
      fields: frame.fields
        .filter((field) => field.type === "number")
        .flatMap((field) =>
          reducers.map((id): Field => ({ ...field, name: reducers.length > 1 ? `${field.name} ${calc(id).title}` : field.name, values: [calc(id).run(field.values as (number | null)[])] })),
        ),
    }));
  const columns = frames.flatMap((frame) => frame.fields.filter((field) => field.type === "number").map((field) => ({ frame, field })));
  if (columns.length === 0) return frames;
  const labels = options.labelsToFields ? [...new Set(columns.flatMap(({ field }) => Object.keys(field.labels ?? {})))].sort() : [];
  const fields: Field[] = [
    { name: "Field", type: "string", values: columns.map(({ field, frame }) => displayName(field, frame)), config: {} },
    ...labels.map((name): Field => ({ name, type: "string", values: columns.map(({ field }) => field.labels?.[name] ?? ""), config: {} })),
    ...reducers.map((id): Field => ({
      name: calc(id).title,
      type: "number",
      values: columns.map(({ field }) => calc(id).run(field.values as (number | null)[])),
      config: {},
    })),
  ];
  return [{ refId: frames[0]!.refId, fields }];
}
