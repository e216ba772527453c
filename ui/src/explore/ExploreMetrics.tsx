/** Metrics: queries above, a graph and a table below. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { isAbort, messageOf } from "../api/http";
import * as prometheus from "../api/prometheus";
import type { DataSourceInfo } from "../api/vedette";
import { Icon } from "../components/Icon";
import { Empty, Loading } from "../components/States";
import { useSize } from "../components/useSize";
import type { PageTime } from "../components/useTimeRange";
import { applyFieldConfig } from "../model/field/apply";
import { matrixFrames, type PromResult } from "../model/frames/prometheus";
import type { Frame } from "../model/frames/types";
import { alignRange, computeStep, writeInterval, type Step } from "../model/time/interval";
import { absolute } from "../model/time/range";
import { interpolate } from "../model/variables/interpolate";
import type { QueryTrace } from "../model/trace";
import { TimeSeriesPanel } from "../panels/timeseries";
import { params, setParams } from "../router";
import { withStep } from "../dashboard/macros";
import { MetricBrowser } from "./MetricBrowser";
import { InstantTable } from "./InstantTable";
import { Note } from "./Notes";
import { QueryEditor } from "./QueryEditor";
import { QueryInspector } from "./QueryInspector";

interface Answer {
  expr: string;
  frames: Frame[];
  instant: PromResult | null;
  warnings: string[];
  infos: string[];
  trace: QueryTrace | null;
  error?: string;
  tookMs: number;
}

const STYLES = { lines: "Lines", stacked: "Stacked", bars: "Bars", points: "Points" } as const;
type Style = keyof typeof STYLES;

const CUSTOM: Record<Style, Record<string, unknown>> = {
  lines: { fillOpacity: 6 },
  stacked: { fillOpacity: 30, stacking: { mode: "normal", group: "A" } },
  bars: { drawStyle: "bars", fillOpacity: 60, stacking: { mode: "normal", group: "A" } },
  points: { drawStyle: "points" },
};

/** More series than this are cut off in the graph: nobody can tell them apart, and browsers suffer. */
const MOST_SERIES = 200;

export function ExploreMetrics({ source, time }: { source: DataSourceInfo; time: PageTime }) {
  const asked = params.value.getAll("q");
  const inspecting = params.value.get("inspect") === "1";
  const style = (params.value.get("style") ?? "lines") as Style;
  const [drafts, setDrafts] = useState<string[]>(asked.length ? asked : [""]);
  const [box, size] = useSize<HTMLDivElement>();
  const key = JSON.stringify(asked);
  useEffect(() => {
    if (asked.length) setDrafts(asked);
  }, [key]);

  const range = useRef(time.range);
  range.current = time.range;
  const step = computeStep({ ...time.range, maxDataPoints: Math.max(100, size.width || 1000), scrapeInterval: source.jsonData.timeInterval });
  const { answers, loading } = useAnswers(source.uid, asked, time, step, inspecting);

  const run = (list = drafts) => {
    const wanted = list.map((one) => one.trim()).filter(Boolean);
    if (JSON.stringify(wanted) === key) time.again();
    else setParams({ q: wanted });
  };
  const edit = (index: number, value: string) => setDrafts((old) => old.map((one, i) => (i === index ? value : one)));
  const pick = (name: string) => {
    const next = drafts[0]?.trim() ? [...drafts, name] : [name];
    setDrafts(next);
    run(next);
  };

  return (
    <div class="explore">
      <section class="card explore-queries">
        {drafts.map((draft, index) => (
          <div class="query-row" key={index}>
            <span class="query-letter">{String.fromCharCode(65 + index)}</span>
            <QueryEditor kind="metrics" uid={source.uid} value={draft} range={() => range.current} onChange={(value) => edit(index, value)} onRun={() => run()} autofocus={index === 0} />
            {drafts.length > 1 && (
              <button
                type="button"
                class="button is-icon is-quiet"
                aria-label="Remove this query"
                title="Remove this query"
                onClick={() => {
                  const next = drafts.filter((_, i) => i !== index);
                  setDrafts(next);
                  run(next);
                }}
              >
                <Icon name="close" />
              </button>
            )}
          </div>
        ))}
        <div class="query-tools">
          <button type="button" class="button is-primary" onClick={() => run()}>
            <Icon name="play" size={14} /> Run
          </button>
          <button type="button" class="button" onClick={() => setDrafts([...drafts, ""])}>
            <Icon name="plus" size={14} /> Add query
          </button>
          <button
            type="button"
            class={`button${inspecting ? " is-on" : ""}`}
            aria-pressed={inspecting}
            title="What each operator of the query did"
            onClick={() => setParams({ inspect: inspecting ? null : "1" }, { replace: true })}
          >
            <Icon name="operators" size={14} /> Inspector
          </button>
          <span class="spacer" />
          <span class="hint">Step {writeInterval(step.stepMs)} · Shift+Enter runs</span>
        </div>
      </section>
      <Notes answers={answers} />
      {inspecting && answers.some((answer) => !answer.error) && <QueryInspector queries={answers.filter((answer) => !answer.error)} />}
      <div ref={box}>
        {asked.length === 0 ? (
          <MetricBrowser source={source} range={time.range} onPick={pick} />
        ) : loading && answers.length === 0 ? (
          <Loading label="Asking" />
        ) : (
          <Results answers={answers} style={style} width={size.width} time={time} loading={loading} />
        )}
      </div>
    </div>
  );
}

function Notes({ answers }: { answers: Answer[] }) {
  return (
    <>
      {answers.flatMap(({ expr, error }) => (error ? [<Note key={expr} kind="error" text={error} query={expr} />] : []))}
      {answers.flatMap(({ expr, warnings }) => warnings.map((text) => <Note key={expr + text} kind="warning" text={text} query={expr} />))}
      {answers.flatMap(({ expr, infos }) => infos.map((text) => <Note key={expr + text} kind="info" text={text} query={expr} />))}
    </>
  );
}

function useAnswers(uid: string, queries: string[], time: PageTime, step: Step, trace: boolean) {
  const [state, setState] = useState<{ answers: Answer[]; loading: boolean }>({ answers: [], loading: queries.length > 0 });
  const { range } = time;
  useEffect(() => {
    if (queries.length === 0) {
      setState({ answers: [], loading: false });
      return;
    }
    const control = new AbortController();
    setState((old) => ({ ...old, loading: true }));
    Promise.all(queries.map((query) => askBoth(uid, query, range, step, trace, control.signal))).then(
      (answers) => setState({ answers, loading: false }),
      (error: unknown) => {
        if (!isAbort(error)) setState({ answers: [{ expr: "", frames: [], instant: null, warnings: [], infos: [], trace: null, error: messageOf(error), tookMs: 0 }], loading: false });
      },
    );
    return () => control.abort();
  }, [uid, JSON.stringify(queries), range, step.stepMs, trace]);
  return state;
}

/** The range for the graph and the instant at its end for the table, side by side. */
async function askBoth(uid: string, query: string, range: PageTime["range"], step: Step, trace: boolean, signal: AbortSignal): Promise<Answer> {
  const expr = interpolate(query, withStep(new Map(), range, step), "query");
  const grid = { ...alignRange(range.fromMs, range.toMs, step.stepMs), stepMs: step.stepMs };
  const started = performance.now();
  const [ranged, instant] = await Promise.allSettled([
    prometheus.queryRange(uid, { expr, ...grid, trace }, signal),
    prometheus.queryInstant(uid, expr, range.toMs, signal),
  ]);
  if (signal.aborted) throw new DOMException("", "AbortError");
  const value = instant.status === "fulfilled" ? instant.value : null;
  const both = [instant, ranged].flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  // A range vector or a string has no graph, but it has a table.
  const bothFailed = ranged.status === "rejected" && instant.status === "rejected";
  return {
    expr,
    frames: ranged.status === "fulfilled" ? matrixFrames(ranged.value.data, { refId: expr, expr }, grid) : [],
    instant: value?.data ?? null,
    warnings: [...new Set(both.flatMap((one) => one.warnings))],
    infos: [...new Set(both.flatMap((one) => one.infos))],
    trace: (ranged.status === "fulfilled" && ranged.value.data.trace) || null,
    error: bothFailed ? messageOf((ranged as PromiseRejectedResult).reason) : undefined,
    tookMs: performance.now() - started,
  };
}

interface ResultsProps {
  answers: Answer[];
  style: Style;
  width: number;
  time: PageTime;
  loading: boolean;
}

function Results({ answers, style, width, time, loading }: ResultsProps) {
  const all = answers.flatMap((answer) => answer.frames);
  const frames = useMemo(() => {
    const config = { defaults: { custom: CUSTOM[style] ?? CUSTOM.lines }, overrides: [] };
    return applyFieldConfig(all.slice(0, MOST_SERIES), config);
  }, [answers, style]);
  const panel = useMemo(
    () => ({
      id: 0,
      type: "timeseries",
      title: "Result",
      gridPos: { x: 0, y: 0, w: 24, h: 10 },
      fieldConfig: { defaults: {}, overrides: [] },
      options: { legend: { displayMode: frames.length > 1 ? "table" : "list", calcs: frames.length > 1 ? ["min", "mean", "max", "lastNotNull"] : [] }, tooltip: { mode: "multi", sort: "desc" } },
    }),
    [frames.length > 1],
  );
  const rows = answers.some((answer) => answer.instant);
  const height = Math.min(620, 330 + Math.min(frames.length, 8) * 22);
  if (answers.every((answer) => answer.error)) return null;
  return (
    <>
      <section class="card">
        <div class="card-title">
          <h2>Graph</h2>
          <span class="muted">
            {all.length} series{all.length > MOST_SERIES && `, the first ${MOST_SERIES} drawn`} · {Math.round(Math.max(0, ...answers.map((answer) => answer.tookMs)))} ms
          </span>
          {loading && <span class="spinner is-small" />}
          <span class="spacer" />
          <span class="segmented is-small">
            {Object.entries(STYLES).map(([id, name]) => (
              <button type="button" key={id} aria-pressed={style === id} onClick={() => setParams({ style: id === "lines" ? null : id }, { replace: true })}>
                {name}
              </button>
            ))}
          </span>
        </div>
        <div class="explore-graph" style={{ height: `${height}px` }}>
          {frames.length === 0 ? (
            <Empty icon="search" title="No series in this range">
              Widen the range, or check names and label values: the query is valid, nothing matches it.
            </Empty>
          ) : (
            width > 0 && (
              <TimeSeriesPanel
                panel={panel}
                data={{ frames, notices: [], range: time.range }}
                width={width - 20}
                height={height}
                range={time.range}
                scope={new Map()}
                crosshair={0}
                onZoom={(from, to) => time.setRange(absolute(from, to))}
              />
            )
          )}
        </div>
      </section>
      {rows && (
        <section class="card">
          <InstantTable results={answers.flatMap((answer) => (answer.instant ? [{ expr: answer.expr, result: answer.instant }] : []))} atMs={time.range.toMs} />
        </section>
      )}
    </>
  );
}
