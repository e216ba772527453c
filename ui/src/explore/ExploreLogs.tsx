/** Logs: a query, a histogram of how much there was, the lines, and a live tail. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { isAbort, messageOf } from "../api/http";
import * as loki from "../api/loki";
import type { DataSourceInfo } from "../api/vedette";
import { Icon } from "../components/Icon";
import { Empty, Failure, Loading } from "../components/States";
import { useSize } from "../components/useSize";
import type { PageTime } from "../components/useTimeRange";
import { isLogQuery } from "../dashboard/query";
import { LogList } from "../logs/LogList";
import { applyFieldConfig } from "../model/field/apply";
import { logLines, lokiFrames, type LogLine } from "../model/frames/loki";
import type { Frame } from "../model/frames/types";
import { addFieldFilter, addMatcher } from "../model/logs/logql";
import { alignRange, roundInterval } from "../model/time/interval";
import { absolute } from "../model/time/range";
import { TimeSeriesPanel } from "../panels/timeseries";
import { params, setParams } from "../router";
import { LabelBrowser } from "./LabelBrowser";
import { LogVolume } from "./LogVolume";
import { QueryEditor } from "./QueryEditor";
import { useTail } from "./useTail";

const LIMITS = [100, 500, 1000, 5000];

interface Answer {
  expr: string;
  lines: LogLine[];
  frames: Frame[];
  tookMs: number;
}

export function ExploreLogs({ source, time }: { source: DataSourceInfo; time: PageTime }) {
  const query = params.value.get("q") ?? "";
  const limit = Number(params.value.get("limit")) || 500;
  const forward = params.value.get("dir") === "forward";
  const [draft, setDraft] = useState(query);
  const [live, setLive] = useState(false);
  const [wrap, setWrap] = useState(true);
  const range = useRef(time.range);
  range.current = time.range;
  useEffect(() => setDraft(query), [query]);
  const { answer, error, loading } = useAnswer(source.uid, live ? "" : query, time, limit, forward);
  const tail = useTail(source.uid, live ? query : "");
  const [box, size] = useSize<HTMLDivElement>();

  const run = (next = draft) => {
    const wanted = next.trim();
    setDraft(wanted);
    if (wanted === query) time.again();
    else setParams({ q: wanted });
  };
  const filter: Parameters<typeof LogList>[0]["onFilter"] = (name, value, op, from) =>
    run(from === "label" ? addMatcher(query, name, value, op) : addFieldFilter(query, from, name, value, op));
  const lines = live ? tail.lines : (answer?.lines ?? []);
  const metric = !live && answer && answer.frames.length > 0;

  return (
    <div class="explore">
      <section class="card explore-queries">
        <div class="query-row">
          <QueryEditor kind="logs" uid={source.uid} value={draft} range={() => range.current} onChange={setDraft} onRun={() => run()} autofocus />
        </div>
        <div class="query-tools">
          <button type="button" class="button is-primary" onClick={() => run()}>
            <Icon name="play" size={14} /> Run
          </button>
          <button
            type="button"
            class={live ? "button is-on" : "button"}
            aria-pressed={live}
            disabled={!isLogQuery(draft)}
            title="Show lines as they arrive"
            onClick={() => {
              if (!live && draft.trim() !== query) setParams({ q: draft.trim() });
              setLive(!live);
            }}
          >
            <Icon name={live ? "pause" : "play"} size={14} /> {live ? "Stop" : "Live"}
          </button>
          <span class="spacer" />
          <button type="button" class={wrap ? "button is-on" : "button"} aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
            Wrap
          </button>
          <button type="button" class="button" onClick={() => setParams({ dir: forward ? null : "forward" })}>
            {forward ? "Oldest first" : "Newest first"}
          </button>
          <select aria-label="Most lines" value={limit} onChange={(event) => setParams({ limit: event.currentTarget.value })}>
            {LIMITS.map((one) => (
              <option key={one} value={one}>
                {one} lines
              </option>
            ))}
          </select>
        </div>
      </section>
      {live && <TailState tail={tail} />}
      <div ref={box}>
        {!query ? (
          <LabelBrowser source={source} range={time.range} onPick={(selector) => run(selector)} />
        ) : error && !live ? (
          <Failure title="The query failed" message={error} />
        ) : loading && !answer && !live ? (
          <Loading label="Searching" />
        ) : metric ? (
          <MetricResult frames={answer.frames} width={size.width} time={time} tookMs={answer.tookMs} />
        ) : (
          <>
            {!live && isLogQuery(query) && <LogVolume uid={source.uid} query={query} time={time} width={size.width} />}
            <section class="card">
              <div class="card-title">
                <h2>Lines</h2>
                <span class="muted">
                  {live ? `${lines.length} since the tail began` : `${lines.length}${lines.length >= limit ? ` (the ${forward ? "oldest" : "newest"} ${limit}; raise the limit or narrow the query for the rest)` : ""} · ${Math.round(answer?.tookMs ?? 0)} ms`}
                </span>
                {loading && !live && <span class="spinner is-small" />}
              </div>
              {lines.length === 0 ? (
                <Empty icon="search" title={live ? "Waiting for lines" : "No lines in this range"}>
                  {live ? "They appear here as they are written." : "Widen the range, or loosen the filters: the query is valid, nothing matches it."}
                </Empty>
              ) : (
                <LogList lines={lines} height={listHeight(lines.length)} showTime wrap={wrap} onFilter={filter} follow={live && !tail.paused} />
              )}
            </section>
          </>
        )}
      </div>
    </div>
  );
}

function listHeight(count: number): number {
  return Math.min(Math.max(count * 22 + 120, 200), Math.max(360, innerHeight - 300));
}

function TailState({ tail }: { tail: ReturnType<typeof useTail> }) {
  return (
    <div class={tail.error ? "note is-error" : "note is-info"} role="status">
      <span class={tail.error ? "dot is-bad" : tail.open ? "dot is-ok is-pulsing" : "dot is-warn"} />
      <div class="grow">{tail.error ?? (tail.open ? "Live: new lines appear below." : "Connecting…")}</div>
      <button type="button" class="button is-small" onClick={tail.togglePause}>
        {tail.paused ? "Follow" : "Hold still"}
      </button>
      <button type="button" class="button is-small" onClick={tail.clear}>
        Clear
      </button>
    </div>
  );
}

function useAnswer(uid: string, expr: string, time: PageTime, limit: number, forward: boolean) {
  const [state, setState] = useState<{ answer: Answer | null; error: string | null; loading: boolean }>({ answer: null, error: null, loading: Boolean(expr) });
  const { range } = time;
  useEffect(() => {
    if (!expr) return;
    const control = new AbortController();
    const started = performance.now();
    const stepMs = Math.max(1000, roundInterval((range.toMs - range.fromMs) / 300));
    const grid = { ...alignRange(range.fromMs, range.toMs, stepMs), stepMs };
    const asked = isLogQuery(expr) ? range : grid;
    setState((old) => ({ ...old, loading: true }));
    loki
      .queryRange(uid, { expr, fromMs: asked.fromMs, toMs: asked.toMs, stepMs, limit, direction: forward ? "forward" : "backward" }, control.signal)
      .then(
        (result) => {
          const lines = result.resultType === "streams" ? logLines(result.result, forward) : [];
          const frames = result.resultType === "streams" ? [] : lokiFrames(result, { refId: "A", expr }, grid);
          setState({ answer: { expr, lines, frames, tookMs: performance.now() - started }, error: null, loading: false });
        },
        (error: unknown) => {
          if (!isAbort(error)) setState({ answer: null, error: messageOf(error), loading: false });
        },
      );
    return () => control.abort();
  }, [uid, expr, range, limit, forward]);
  return state;
}

function MetricResult({ frames, width, time, tookMs }: { frames: Frame[]; width: number; time: PageTime; tookMs: number }) {
  const configured = useMemo(() => applyFieldConfig(frames, { defaults: { custom: { fillOpacity: 8 } }, overrides: [] }), [frames]);
  const panel = { id: 0, type: "timeseries", title: "Result", gridPos: { x: 0, y: 0, w: 24, h: 10 }, fieldConfig: { defaults: {}, overrides: [] }, options: { legend: { displayMode: "table", calcs: ["mean", "max", "lastNotNull"] } } };
  return (
    <section class="card">
      <div class="card-title">
        <h2>Graph</h2>
        <span class="muted">
          {frames.length} series · {Math.round(tookMs)} ms
        </span>
      </div>
      <div class="explore-graph" style={{ height: "420px" }}>
        {width > 0 && (
          <TimeSeriesPanel panel={panel} data={{ frames: configured, notices: [], range: time.range }} width={width - 20} height={420} range={time.range} scope={new Map()} crosshair={0} onZoom={(from, to) => time.setRange(absolute(from, to))} />
        )}
      </div>
    </section>
  );
}
