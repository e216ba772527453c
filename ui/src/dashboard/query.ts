/** From a panel's queries to frames: which server, which step, which shape. */

import { isAbort, messageOf } from "../api/http";
import * as loki from "../api/loki";
import * as prometheus from "../api/prometheus";
import type { DataSourceInfo } from "../api/vedette";
import { lokiFrames } from "../model/frames/loki";
import { bucketFrames, matrixFrames, tableFrame, vectorFrames, type Naming } from "../model/frames/prometheus";
import type { Frame } from "../model/frames/types";
import { parseDuration } from "../model/time/duration";
import { alignRange, computeStep, MAX_POINTS, roundInterval } from "../model/time/interval";
import { resolveRange, type TimeRange } from "../model/time/range";
import { interpolate, type Scope } from "../model/variables/interpolate";
import { withRange, withStep } from "./macros";
import type { PanelModel, TargetModel } from "./types";

export interface QueryContext {
  range: TimeRange;
  /** The panel's width in pixels: as many points as can be told apart. */
  width: number;
  scope: Scope;
  sources: readonly DataSourceInfo[];
  signal: AbortSignal;
}

export interface PanelData {
  frames: Frame[];
  notices: string[];
  /** The range that was asked for, after the panel's own override. */
  range: TimeRange;
  error?: { message: string; expr?: string };
}

const DEFAULT_LINES = 1000;

/** Runs every visible query of `panel`. One that fails leaves the others' results standing. */
export async function runPanel(panel: PanelModel, context: QueryContext): Promise<PanelData> {
  const range = panelRange(panel, context);
  const targets = (panel.targets ?? []).filter((target) => !target.hide && (target.expr ?? "").trim());
  const tables = targets.filter((target) => target.format === "table").length;
  const answers = await Promise.all(
    targets.map(async (target): Promise<PanelData> => {
      try {
        return await runTarget(panel, target, { ...context, range }, tables);
      } catch (error) {
        if (isAbort(error)) throw error;
        return { frames: [], notices: [], range, error: { message: messageOf(error), expr: target.expr } };
      }
    }),
  );
  return {
    frames: answers.flatMap((answer) => answer.frames),
    notices: [...new Set(answers.flatMap((answer) => answer.notices))],
    range,
    error: answers.find((answer) => answer.error)?.error,
  };
}

/** The dashboard's range under the panel's `timeFrom` and `timeShift`. */
export function panelRange(panel: PanelModel, context: Pick<QueryContext, "range" | "scope">): TimeRange {
  let range = context.range;
  const from = panel.timeFrom && interpolate(panel.timeFrom, context.scope, "text");
  if (from) {
    const raw = from.startsWith("now") ? { from, to: "now" } : { from: `now-${from}`, to: "now" };
    range = resolveRange(raw, context.range.toMs) ?? range;
  }
  const shift = panel.timeShift && parseDuration(interpolate(panel.timeShift, context.scope, "text"));
  if (!shift) return range;
  return { ...range, fromMs: range.fromMs - shift, toMs: range.toMs - shift };
}

function findSource(target: TargetModel, panel: PanelModel, context: QueryContext): DataSourceInfo {
  const ref = target.datasource ?? panel.datasource ?? {};
  const uid = interpolate(ref.uid ?? "", context.scope, "text");
  const { sources } = context;
  const found =
    sources.find((source) => source.uid === uid || source.name === uid) ??
    // A variable that names a source of somewhere else: the one of its kind here.
    sources.filter((source) => source.type === ref.type).sort((a, b) => Number(b.isDefault) - Number(a.isDefault))[0];
  if (!found) throw new Error(missing(ref.type, uid));
  return found;
}

function missing(type: string | undefined, uid: string): string {
  if (uid === "__expr__") return "Server-side expressions are not supported; write the calculation in the query.";
  if (type && !["prometheus", "loki"].includes(type)) return `Data sources of type “${type}” are not supported.`;
  return `The data source “${uid || type || "default"}” does not exist here.`;
}

async function runTarget(
  panel: PanelModel,
  target: TargetModel,
  context: QueryContext,
  tables: number,
): Promise<PanelData> {
  const source = findSource(target, panel, context);
  const points = Math.min(panel.maxDataPoints || Math.max(100, context.width), MAX_POINTS);
  const floors = withRange(context.scope, context.range);
  const step = computeStep({
    fromMs: context.range.fromMs,
    toMs: context.range.toMs,
    maxDataPoints: points,
    targetInterval: target.interval && keepRate(target.interval, floors),
    panelInterval: panel.interval && interpolate(panel.interval, floors, "text"),
    scrapeInterval: source.type === "prometheus" ? source.jsonData.timeInterval : "1s",
    intervalFactor: target.intervalFactor,
  });
  const scope = withStep(context.scope, context.range, step);
  const legendFormat = target.legendFormat && interpolate(target.legendFormat, scope, "text");
  const expr = interpolate(target.expr ?? "", scope, "query");
  const naming: Naming = { refId: target.refId, expr, legendFormat };
  if (source.type === "loki") return runLoki(source, target, naming, step.stepMs, context);
  return runPrometheus(source, target, naming, step.stepMs, context, tables);
}

function keepRate(interval: string, scope: Scope): string {
  return /\$(\{)?__rate_interval/.test(interval) ? interval : interpolate(interval, scope, "text");
}

async function runPrometheus(
  source: DataSourceInfo,
  target: TargetModel,
  naming: Naming,
  stepMs: number,
  context: QueryContext,
  tables: number,
): Promise<PanelData> {
  const { range, signal } = context;
  const valueName = tables > 1 ? `Value #${target.refId}` : "Value";
  if (target.instant && !target.range) {
    const answer = await prometheus.queryInstant(source.uid, naming.expr, range.toMs, signal);
    const frames =
      target.format === "table" ? [tableFrame(answer.data, naming, valueName)] : vectorFrames(answer.data, naming);
    return { frames, notices: answer.notices, range };
  }
  const grid = { ...alignRange(range.fromMs, range.toMs, stepMs), stepMs };
  const answer = await prometheus.queryRange(source.uid, { expr: naming.expr, ...grid }, signal);
  const frames =
    target.format === "table"
      ? [tableFrame(answer.data, naming, valueName)]
      : target.format === "heatmap"
        ? bucketFrames(matrixFrames(answer.data, naming, grid))
        : matrixFrames(answer.data, naming, grid);
  return { frames, notices: answer.notices, range };
}

async function runLoki(
  source: DataSourceInfo,
  target: TargetModel,
  naming: Naming,
  intervalMs: number,
  context: QueryContext,
): Promise<PanelData> {
  const { range, signal } = context;
  if (target.queryType === "instant" || (target.instant && !target.range)) {
    const grid = { fromMs: range.fromMs, toMs: range.toMs, stepMs: range.toMs - range.fromMs };
    const scope = new Map(context.scope);
    const expr = interpolate(naming.expr, scope, "query");
    const result = await loki.queryInstant(source.uid, expr, range.toMs, signal);
    return { frames: lokiFrames(result, naming, grid), notices: [], range };
  }
  const own = target.step ? parseDuration(interpolate(String(target.step), context.scope, "text")) : null;
  const wanted = (own ?? intervalMs) * Math.max(1, target.resolution ?? 1);
  const stepMs = Math.max(wanted, roundInterval((range.toMs - range.fromMs) / MAX_POINTS));
  const grid = { ...alignRange(range.fromMs, range.toMs, stepMs), stepMs };
  const forward = target.direction === "forward";
  const result = await loki.queryRange(
    source.uid,
    {
      expr: naming.expr,
      ...(isLogQuery(naming.expr) ? { fromMs: range.fromMs, toMs: range.toMs } : grid),
      stepMs,
      limit: target.maxLines || Number(source.jsonData.maxLines) || DEFAULT_LINES,
      direction: target.direction ?? "backward",
    },
    signal,
  );
  return { frames: lokiFrames(result, naming, grid, forward), notices: [], range };
}

/** Whether a LogQL expression answers with lines rather than numbers. */
export function isLogQuery(expr: string): boolean {
  return expr.trimStart().startsWith("{");
}
