/** The query inspector: the operators of each query as a tree, with what each took and read. */

import { useMemo, useState } from "preact/hooks";
import { Icon } from "../components/Icon";
import { Empty } from "../components/States";
import { formatCount, formatSeconds, splitText, traceRows, traceText, type QueryTrace, type TraceRow } from "../model/trace";

export function QueryInspector({ queries }: { queries: { expr: string; trace: QueryTrace | null }[] }) {
  return (
    <section class="card inspector" aria-label="Query inspector">
      {queries.map(({ expr, trace }, index) => (
        <div class="inspector-query" key={index}>
          {trace ? <Traced expr={expr} trace={trace} letter={queries.length > 1 ? String.fromCharCode(65 + index) : ""} /> : <Untraced expr={expr} />}
        </div>
      ))}
    </section>
  );
}

function Untraced({ expr }: { expr: string }) {
  return (
    <Empty icon="info" title="No trace of this query">
      <span class="is-code">{expr}</span> has no graph, or this data source does not say what its queries do.
    </Empty>
  );
}

function Traced({ expr, trace, letter }: { expr: string; trace: QueryTrace; letter: string }) {
  const rows = useMemo(() => traceRows(trace), [trace]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (key: string) => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    setOpen(next);
  };
  const facts: [string, string][] = [
    ["on the server", formatSeconds(trace.parseSeconds + trace.planSeconds + trace.evalSeconds)],
    ["series read", formatCount(trace.seriesRead)],
    ["samples read", formatCount(trace.samplesRead)],
    ["held at most", formatCount(trace.peakSamples)],
  ];
  return (
    <>
      <div class="card-title">
        <h2>Query inspector</h2>
        {letter && <span class="query-letter is-inline">{letter}</span>}
        {facts.map(([what, value]) => (
          <span class="inspector-fact" key={what}>
            <b>{value}</b> {what}
          </span>
        ))}
        <span class="spacer" />
        <button type="button" class="button is-small is-quiet" title="Copy as text" onClick={() => void navigator.clipboard?.writeText(`${expr}\n\n${traceText(trace)}\n`)}>
          <Icon name="copy" size={14} /> Copy
        </button>
      </div>
      <div class="table-scroll">
        <table class="inspector-table">
          <thead>
            <tr>
              <th>Operator</th>
              <th class="inspector-time">Time</th>
              <th class="number">Own</th>
              <th class="number">Total</th>
              <th class="number">Series</th>
              <th class="number">Samples</th>
              <th class="number">Batches</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Operator key={row.key} row={row} open={open.has(row.key)} onToggle={() => toggle(row.key)} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Operator({ row, open, onToggle }: { row: TraceRow; open: boolean; onToggle: () => void }) {
  const { node } = row;
  const [name, rest] = splitText(node);
  const ran = node.calls > 0;
  return (
    <>
      <tr class={`inspector-row${row.slowest ? " is-slowest" : ""}${ran ? "" : " is-passed"}`}>
        <td>
          <button type="button" class="inspector-operator" aria-expanded={open} onClick={onToggle}>
            <Guides row={row} />
            <span class="inspector-twist">
              <Icon name={open ? "down" : "right"} size={12} />
            </span>
            <span class="inspector-text is-code" title={node.text}>
              <b>{name}</b> {rest}
            </span>
            {row.marks.map((mark) => (
              <span class={`badge is-${mark.replace(/^.* /, "")}`} key={mark}>
                {mark}
              </span>
            ))}
          </button>
        </td>
        <td class="inspector-time">
          <span class="inspector-bar" title={`${percent(row.own)} of all operators' time by itself, ${percent(row.total)} with what feeds it`}>
            <span class="is-total" style={{ width: `${row.total * 100}%` }} />
            <span class="is-own" style={{ width: `${row.own * 100}%` }} />
          </span>
        </td>
        <td class="number">{ran ? formatSeconds(node.ownSeconds) : ""}</td>
        <td class="number is-quiet">{ran ? formatSeconds(node.totalSeconds) : ""}</td>
        <td class="number">
          {ran && node.seriesIn !== node.seriesOut && node.seriesIn > 0 && <span class="is-quiet">{formatCount(node.seriesIn)} → </span>}
          {ran ? formatCount(node.seriesOut) : ""}
        </td>
        <td class="number">{node.samplesRead ? formatCount(node.samplesRead) : ""}</td>
        <td class="number">{node.batches ? formatCount(node.batches) : ""}</td>
      </tr>
      {open && (
        <tr class="inspector-details">
          <td colSpan={7}>
            <div class="inspector-deep">
              <GuidesBeneath row={row} />
              <Details row={row} />
            </div>
          </td>
        </tr>
      )}
    </>
  );
}

/** The lines that tie an operator to the one it feeds. */
function Guides({ row }: { row: TraceRow }) {
  return (
    <>
      {row.guides.slice(1).map((goesOn, level) => (
        <span class={`inspector-guide${goesOn ? " is-line" : ""}`} key={level} />
      ))}
      {row.depth > 0 && <span class={`inspector-guide is-branch${row.last ? " is-last" : ""}`} />}
    </>
  );
}

/** The same lines going on past what is told of the operator. */
function GuidesBeneath({ row }: { row: TraceRow }) {
  const lines = [...row.guides.slice(1), ...(row.depth > 0 ? [!row.last] : []), row.node.children.length > 0];
  return (
    <>
      {lines.map((goesOn, level) => (
        <span class={`inspector-guide${goesOn ? " is-line" : ""}`} key={level} />
      ))}
    </>
  );
}

function Details({ row }: { row: TraceRow }) {
  const { node } = row;
  const facts: [string, string][] = [
    ...Object.entries(node.parameters).map(([key, value]): [string, string] => [key, Array.isArray(value) ? value.join(", ") : String(value)]),
    ["steps", formatCount(node.steps)],
    ["held at most", `${formatCount(node.peakSamples)} samples`],
    ...(node.indexSeconds ? [["finding series", formatSeconds(node.indexSeconds)] as [string, string]] : []),
    ...(node.readSeconds ? [["decoding samples, all threads", formatSeconds(node.readSeconds)] as [string, string]] : []),
    ...(node.busySeconds ? [["work in batches, all threads", formatSeconds(node.busySeconds)] as [string, string]] : []),
  ];
  return (
    <div class="inspector-more">
      {node.notes.length > 0 && (
        <ul>
          {node.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <dl>
        {facts.map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
