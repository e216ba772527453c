/** Answers of a Loki API as frames. */

import type { LogStream, LokiResult } from "../../api/loki";
import { matrixFrames, vectorFrames, type Labels, type Naming } from "./prometheus";
import type { Frame } from "./types";

/** One line of a log, ready to be shown. */
export interface LogLine {
  /** Unique among the lines of one answer. */
  key: string;
  ns: string;
  ms: number;
  line: string;
  labels: Labels;
}

/** Lines of all streams in one order, newest first unless `forward`. */
export function logLines(streams: readonly LogStream[], forward = false): LogLine[] {
  const lines: LogLine[] = [];
  streams.forEach((stream, s) => {
    stream.values.forEach(([ns, line, extra], i) => {
      lines.push({
        key: `${s}.${ns}.${i}`,
        ns,
        ms: Number(ns.slice(0, -6)),
        line,
        labels: metadata(extra) ? { ...stream.stream, ...metadata(extra) } : stream.stream,
      });
    });
  });
  const sign = forward ? 1 : -1;
  return lines.sort((a, b) => (a.ns.length !== b.ns.length ? a.ns.length - b.ns.length : a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0) * sign);
}

function metadata(extra: Record<string, unknown> | undefined): Labels | undefined {
  if (!extra) return undefined;
  const own = (extra.structuredMetadata ?? extra) as Record<string, unknown>;
  const found = Object.entries(own).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return found.length ? Object.fromEntries(found) : undefined;
}

/** The table shape of log rows: Time, Line, labels. */
export function logFrame(streams: readonly LogStream[], refId: string, forward = false): Frame {
  const lines = logLines(streams, forward);
  return {
    refId,
    kind: "logs",
    fields: [
      { name: "Time", type: "time", values: lines.map((line) => line.ms), config: {} },
      { name: "Line", type: "string", values: lines.map((line) => line.line), config: {} },
      { name: "labels", type: "other", values: lines.map((line) => line.labels), config: {} },
      { name: "tsNs", type: "string", values: lines.map((line) => line.ns), config: {} },
    ],
  };
}

export function lokiFrames(
  result: LokiResult,
  naming: Naming,
  grid: { fromMs: number; toMs: number; stepMs: number },
  forward = false,
): Frame[] {
  if (result.resultType === "streams") return [logFrame(result.result, naming.refId, forward)];
  if (result.resultType === "matrix") return matrixFrames(result, naming, grid);
  return vectorFrames(result, naming);
}
