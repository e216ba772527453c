/** `seriesToRows`: all series below each other: Time, Metric, Value. */

import { displayName } from "../frames/names";
import type { Frame } from "../frames/types";

export function seriesToRows(frames: Frame[]): Frame[] {
  const rows = frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.type === "time");
    const value = frame.fields.find((field) => field.type === "number");
    if (!time || !value) return [];
    const metric = displayName(value, frame);
    return time.values.map((at, row) => ({ at: at as number, metric, value: value.values[row] as number | null }));
  });
  rows.sort((a, b) => b.at - a.at);
  if (rows.length === 0) return frames;
  return [
    {
      refId: frames[0]!.refId,
      fields: [
        { name: "Time", type: "time", values: rows.map((row) => row.at), config: {} },
        { name: "Metric", type: "string", values: rows.map((row) => row.metric), config: {} },
        { name: "Value", type: "number", values: rows.map((row) => row.value), config: {} },
      ],
    },
  ];
}
