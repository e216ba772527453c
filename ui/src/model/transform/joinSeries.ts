/** Series of a range query as one table: time, then a column for each. What is a table already stays. */

import type { Field, Frame } from "../frames/types";

export function joinSeries(frames: readonly Frame[]): Frame[] {
  const isSeries = (frame: Frame) => frame.kind !== "logs" && frame.fields.length === 2 && frame.fields[0]!.type === "time" && frame.fields[1]!.type === "number";
  const series = frames.filter(isSeries);
  if (series.length < 2) return [...frames];
  const times = [...new Set(series.flatMap((frame) => frame.fields[0]!.values as number[]))].sort((a, b) => a - b);
  const at = new Map(times.map((time, index) => [time, index]));
  const columns = series.map((frame): Field => {
    const values = new Array<number | null>(times.length).fill(null);
    (frame.fields[0]!.values as number[]).forEach((time, row) => {
      values[at.get(time)!] = frame.fields[1]!.values[row] as number | null;
    });
    return { ...frame.fields[1]!, values };
  });
  const joined: Frame = { refId: series[0]!.refId, fields: [{ ...series[0]!.fields[0]!, values: times }, ...columns] };
  return [joined, ...frames.filter((frame) => !isSeries(frame))];
}
