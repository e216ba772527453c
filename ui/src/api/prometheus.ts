/** The Prometheus HTTP API, through the proxy. */

import type { Labels, PromResult } from "../model/frames/prometheus";
import type { QueryTrace } from "../model/trace";
import { ask } from "./http";
import { proxy } from "./vedette";

interface Envelope<T> {
  status: "success" | "error";
  data: T;
  warnings?: string[];
  infos?: string[];
}

export interface Answer<T> {
  data: T;
  /** What the server wants people to know about the answer: warnings and infos together. */
  notices: string[];
  warnings: string[];
  infos: string[];
}

async function get<T>(uid: string, path: string, form?: URLSearchParams, signal?: AbortSignal): Promise<Answer<T>> {
  const envelope = await ask<Envelope<T>>(proxy(uid, path), form ? { form, signal } : { signal });
  const { data, warnings = [], infos = [] } = envelope;
  return { data, notices: [...warnings, ...infos], warnings, infos };
}

export interface RangeQuery {
  expr: string;
  fromMs: number;
  toMs: number;
  stepMs: number;
  /** Ask what each operator did; servers that cannot say so leave it out. */
  trace?: boolean;
}

export type Traced = PromResult & { trace?: QueryTrace };

export function queryRange(uid: string, query: RangeQuery, signal?: AbortSignal): Promise<Answer<Traced>> {
  const form = new URLSearchParams({
    query: query.expr,
    start: String(query.fromMs / 1000),
    end: String(query.toMs / 1000),
    step: String(query.stepMs / 1000),
  });
  if (query.trace) form.set("trace", "1");
  return get(uid, "/api/v1/query_range", form, signal);
}

export function queryInstant(uid: string, expr: string, atMs: number, signal?: AbortSignal): Promise<Answer<PromResult>> {
  const form = new URLSearchParams({ query: expr, time: String(atMs / 1000) });
  return get(uid, "/api/v1/query", form, signal);
}

function ranged(params: [string, string][], range?: { fromMs: number; toMs: number }): URLSearchParams {
  const form = new URLSearchParams(params);
  if (range) {
    form.set("start", String(range.fromMs / 1000));
    form.set("end", String(range.toMs / 1000));
  }
  return form;
}

type Range = { fromMs: number; toMs: number };

export async function labelNames(uid: string, range?: Range, signal?: AbortSignal): Promise<string[]> {
  return (await get<string[]>(uid, "/api/v1/labels", ranged([], range), signal)).data;
}

/** Values of a label; GET, since this door takes nothing else. */
export async function labelValues(
  uid: string,
  label: string,
  selector: string | undefined,
  range?: Range,
  signal?: AbortSignal,
): Promise<string[]> {
  const params = ranged(selector ? [["match[]", selector]] : [], range);
  const path = `/api/v1/label/${encodeURIComponent(label)}/values?${params}`;
  return (await get<string[]>(uid, path, undefined, signal)).data;
}

export async function series(uid: string, selector: string, range?: Range, signal?: AbortSignal): Promise<Labels[]> {
  return (await get<Labels[]>(uid, "/api/v1/series", ranged([["match[]", selector]], range), signal)).data;
}

export interface AlertInstance {
  labels: Labels;
  annotations: Labels;
  state: "pending" | "firing" | "inactive";
  activeAt?: string;
  value: string;
}

export interface Rule {
  type: "alerting" | "recording";
  name: string;
  query: string;
  labels?: Labels;
  health: "ok" | "err" | "unknown";
  lastError?: string;
  evaluationTime?: number;
  lastEvaluation?: string;
  state?: "pending" | "firing" | "inactive";
  duration?: number;
  keepFiringFor?: number;
  annotations?: Labels;
  alerts?: AlertInstance[];
}

export interface RuleGroup {
  name: string;
  file: string;
  interval: number;
  rules: Rule[];
  lastEvaluation?: string;
  evaluationTime?: number;
}

export async function rules(uid: string, signal?: AbortSignal): Promise<RuleGroup[]> {
  return (await get<{ groups: RuleGroup[] }>(uid, "/api/v1/rules", undefined, signal)).data.groups;
}

export interface Target {
  labels: Labels;
  discoveredLabels: Labels;
  scrapePool: string;
  scrapeUrl: string;
  globalUrl?: string;
  lastError: string;
  lastScrape: string;
  lastScrapeDuration: number;
  health: "up" | "down" | "unknown";
  scrapeInterval?: string;
  scrapeTimeout?: string;
}

export interface Targets {
  activeTargets: Target[];
  droppedTargets: { discoveredLabels: Labels }[];
}

export async function targets(uid: string, signal?: AbortSignal): Promise<Targets> {
  return (await get<Targets>(uid, "/api/v1/targets", undefined, signal)).data;
}
