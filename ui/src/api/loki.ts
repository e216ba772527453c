/** The Loki HTTP API, through the proxy. */

import type { Labels, PromResult } from "../model/frames/prometheus";
import { ask } from "./http";
import { proxy } from "./vedette";

export interface LogStream {
  stream: Labels;
  /** [nanoseconds as text, line, structured metadata] */
  values: [string, string, Record<string, unknown>?][];
}

export type LokiResult = { resultType: "streams"; result: LogStream[] } | PromResult;

interface Envelope<T> {
  status: string;
  data: T;
}

export interface LogQuery {
  expr: string;
  fromMs: number;
  toMs: number;
  stepMs?: number;
  limit?: number;
  direction?: "backward" | "forward";
}

const nanos = (ms: number) => `${Math.round(ms)}000000`;

export async function queryRange(uid: string, query: LogQuery, signal?: AbortSignal): Promise<LokiResult> {
  const params: Record<string, string | number | undefined> = {
    query: query.expr,
    start: nanos(query.fromMs),
    end: nanos(query.toMs),
    limit: query.limit,
    direction: query.direction,
    step: query.stepMs ? `${query.stepMs / 1000}s` : undefined,
  };
  return (await ask<Envelope<LokiResult>>(proxy(uid, "/loki/api/v1/query_range"), { params, signal })).data;
}

export async function queryInstant(uid: string, expr: string, atMs: number, signal?: AbortSignal): Promise<LokiResult> {
  const params = { query: expr, time: nanos(atMs) };
  return (await ask<Envelope<LokiResult>>(proxy(uid, "/loki/api/v1/query"), { params, signal })).data;
}

type Range = { fromMs: number; toMs: number };
const ranged = (range?: Range): Record<string, string> =>
  range ? { start: nanos(range.fromMs), end: nanos(range.toMs) } : {};

export async function labels(uid: string, range?: Range, signal?: AbortSignal): Promise<string[]> {
  const answer = await ask<Envelope<string[] | undefined>>(proxy(uid, "/loki/api/v1/labels"), { params: ranged(range), signal });
  return answer.data ?? [];
}

export async function labelValues(
  uid: string,
  label: string,
  selector: string | undefined,
  range?: Range,
  signal?: AbortSignal,
): Promise<string[]> {
  const path = `/loki/api/v1/label/${encodeURIComponent(label)}/values`;
  const params = { ...ranged(range), query: selector };
  return (await ask<Envelope<string[] | undefined>>(proxy(uid, path), { params, signal })).data ?? [];
}

export async function series(uid: string, selector: string, range?: Range, signal?: AbortSignal): Promise<Labels[]> {
  const params = new URLSearchParams({ "match[]": selector, ...ranged(range) });
  return (await ask<Envelope<Labels[] | undefined>>(proxy(uid, "/loki/api/v1/series"), { params, signal })).data ?? [];
}

/** The websocket of a live tail. */
export function tail(uid: string, expr: string, fromMs: number, limit: number): WebSocket {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const params = new URLSearchParams({ query: expr, start: nanos(fromMs), limit: String(limit) });
  return new WebSocket(`${scheme}//${location.host}${proxy(uid, "/loki/api/v1/tail")}?${params}`);
}
