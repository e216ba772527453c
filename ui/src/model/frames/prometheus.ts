/** Answers of a Prometheus API as frames. */

import { nameSeries } from "./names";
import type { Field, Frame } from "./types";

export type Labels = Record<string, string>;
export type Sample = [number, string];

export type PromResult =
  | { resultType: "matrix"; result: { metric: Labels; values?: Sample[] }[] }
  | { resultType: "vector"; result: { metric: Labels; value?: Sample }[] }
  | { resultType: "scalar"; result: Sample }
  | { resultType: "string"; result: Sample };

export interface Naming {
  refId: string;
  expr: string;
  legendFormat?: string;
}

/** A sample's value: infinities and NaN come as words. */
export function parseValue(text: string): number {
  if (text === "NaN") return NaN;
  if (text === "+Inf" || text === "Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  return Number(text);
}

/** A range's answer: one frame a series on the query's step grid, gaps as nulls. */
export function matrixFrames(
  result: PromResult,
  naming: Naming,
  grid: { fromMs: number; toMs: number; stepMs: number },
): Frame[] {
  if (result.resultType !== "matrix") return vectorFrames(result, naming);
  const count = Math.floor((grid.toMs - grid.fromMs) / grid.stepMs + 1e-6) + 1;
  const times = Array.from({ length: Math.max(0, count) }, (_, i) => grid.fromMs + i * grid.stepMs);
  const names = nameSeries(
    result.result.map((series) => series.metric),
    naming.legendFormat,
    naming.expr,
  );
  return result.result.map((series, index) => {
    const values = new Array<number | null>(times.length).fill(null);
    for (const [t, text] of series.values ?? []) {
      const at = Math.round((t * 1000 - grid.fromMs) / grid.stepMs);
      if (at >= 0 && at < values.length) values[at] = parseValue(text);
    }
    return seriesFrame(naming.refId, times, values, series.metric, names[index]!);
  });
}

function seriesFrame(
  refId: string,
  times: number[],
  values: (number | null)[],
  labels: Labels,
  name: string,
): Frame {
  const { __name__, ...rest } = labels;
  return {
    refId,
    name,
    fields: [
      { name: "Time", type: "time", values: times, config: {} },
      { name: "Value", type: "number", values, labels: rest, config: {}, sourceName: name },
    ],
  };
}

/** An instant's answer, one frame a series with one row. */
export function vectorFrames(result: PromResult, naming: Naming): Frame[] {
  if (result.resultType === "scalar" || result.resultType === "string") {
    const [t, text] = result.result;
    return [seriesFrame(naming.refId, [t * 1000], [parseValue(text)], {}, naming.expr)];
  }
  if (result.resultType === "matrix") return [];
  const names = nameSeries(
    result.result.map((series) => series.metric),
    naming.legendFormat,
    naming.expr,
  );
  return result.result.flatMap((series, index) =>
    series.value
      ? [seriesFrame(naming.refId, [series.value[0] * 1000], [parseValue(series.value[1])], series.metric, names[index]!)]
      : [],
  );
}

/** Grafana's table shape: Time, every label in alphabetical order, then the value. */
export function tableFrame(result: PromResult, naming: Naming, valueName: string): Frame {
  const rows: { t: number; labels: Labels; value: number }[] = [];
  if (result.resultType === "matrix") {
    for (const series of result.result)
      for (const [t, text] of series.values ?? []) rows.push({ t: t * 1000, labels: series.metric, value: parseValue(text) });
  } else if (result.resultType === "vector") {
    for (const series of result.result)
      if (series.value) rows.push({ t: series.value[0] * 1000, labels: series.metric, value: parseValue(series.value[1]) });
  } else {
    rows.push({ t: result.result[0] * 1000, labels: {}, value: parseValue(result.result[1]) });
  }
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.labels)))].sort();
  const fields: Field[] = [{ name: "Time", type: "time", values: rows.map((row) => row.t), config: {} }];
  for (const name of names)
    fields.push({ name, type: "string", values: rows.map((row) => row.labels[name] ?? ""), config: {} });
  fields.push({ name: valueName, type: "number", values: rows.map((row) => row.value), config: {} });
  return { refId: naming.refId, fields };
}

/** Buckets for a heat map: sorted by `le`, each less the one below it. */
export function bucketFrames(frames: Frame[]): Frame[] {
  const bound = (frame: Frame) => parseValue(frame.fields[1]?.labels?.le ?? "NaN");
  const sorted = frames.filter((frame) => !Number.isNaN(bound(frame))).sort((a, b) => bound(a) - bound(b));
  if (sorted.length !== frames.length) return frames;
  return sorted.map((frame, index) => {
    const below = sorted[index - 1]?.fields[1]?.values as (number | null)[] | undefined;
    const field = frame.fields[1]!;
    const values = (field.values as (number | null)[]).map((value, i) =>
      value === null ? null : Math.max(0, value - (below?.[i] ?? 0)),
    );
    return { ...frame, kind: "heatmap", fields: [frame.fields[0]!, { ...field, values, sourceName: field.labels!.le! }] };
  });
}
