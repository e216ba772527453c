/** `labelsToFields`: labels as columns (or as rows of a table of labels). */

import { frameLength, type Field, type Frame } from "../frames/types";
import { merge } from "./merge";

interface Options {
  mode?: "columns" | "rows";
  keepLabels?: string[];
  valueLabel?: string;
}

export function labelsToFields(frames: Frame[], options: Options): Frame[] {
  const keep = (name: string) => !options.keepLabels?.length || options.keepLabels.includes(name);
  if (options.mode === "rows")
    return frames.map((frame) => {
      const pairs = frame.fields.flatMap((field) => Object.entries(field.labels ?? {}).filter(([name]) => keep(name)));
      return {
        refId: frame.refId,
        fields: [
          { name: "label", type: "string", values: pairs.map(([name]) => name), config: {} },
          { name: "value", type: "string", values: pairs.map(([, value]) => value), config: {} },
        ],
      };
    });
  const tables = frames.map((frame): Frame => {
    const count = frameLength(frame);
    const fields: Field[] = [];
    const added = new Set<string>();
    for (const field of frame.fields) {
      const { labels = {}, sourceName: _name, ...rest } = field;
      const valueName = options.valueLabel && labels[options.valueLabel];
      fields.push({ ...rest, name: valueName || field.name, values: field.values });
      for (const [name, value] of Object.entries(labels)) {
        if (!keep(name) || name === options.valueLabel || added.has(name)) continue;
        added.add(name);
        fields.push({ name, type: "string", values: new Array<string>(count).fill(value), config: {} });
      }
    }
    const [time, ...others] = fields;
    const strings = others.filter((field) => field.type === "string");
    return { ...frame, fields: [time!, ...strings, ...others.filter((field) => field.type !== "string")] };
  });
  return merge(tables);
}
