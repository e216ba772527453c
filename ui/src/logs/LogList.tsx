/** Lines of a log: one row each, opened by a click to show labels and fields. Rows off screen do not exist. */

import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from "@tanstack/virtual-core";
import { useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { Icon } from "../components/Icon";
import type { LogLine } from "../model/frames/loki";
import { lineFields } from "../model/logs/fields";
import { levelOf } from "../model/logs/level";

interface Props {
  lines: readonly LogLine[];
  height: number;
  showTime: boolean;
  wrap: boolean;
  showLabels?: boolean;
  /** Called with a label or field to keep (`=`) or to leave out (`!=`). */
  onFilter?: (name: string, value: string, op: "=" | "!=", from: "label" | "json" | "logfmt") => void;
  /** Stay at the newest line while more arrive. */
  follow?: boolean;
}

const ROW_PX = 22;

export function LogList({ lines, height, showTime, wrap, showLabels, onFilter, follow }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const virtual = useMemo(
    () =>
      new Virtualizer<HTMLDivElement, HTMLDivElement>({
        count: lines.length,
        getScrollElement: () => scroller.current,
        estimateSize: () => ROW_PX,
        overscan: 12,
        observeElementRect,
        observeElementOffset,
        scrollToFn: elementScroll,
        onChange: () => redraw(undefined as never),
      }),
    [],
  );
  virtual.setOptions({ ...virtual.options, count: lines.length, getItemKey: (index) => lines[index]!.key });
  useLayoutEffect(() => virtual._didMount(), []);
  useLayoutEffect(() => virtual._willUpdate());
  useLayoutEffect(() => virtual.measure(), [wrap]);
  useLayoutEffect(() => {
    if (follow && lines.length) virtual.scrollToIndex(lines.length - 1, { align: "end" });
  }, [lines, follow]);

  const toggle = (key: string) => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    setOpen(next);
  };
  return (
    <div class={wrap ? "logs is-wrapped" : "logs"} ref={scroller} style={{ height: `${height}px` }} role="log" aria-label="Log lines">
      <div style={{ height: `${virtual.getTotalSize()}px`, position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index]!;
          return (
            <div
              class="log-item"
              key={item.key}
              data-index={item.index}
              ref={(element) => {
                if (element) virtual.measureElement(element);
              }}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Line line={line} showTime={showTime} showLabels={showLabels} open={open.has(line.key)} onToggle={() => toggle(line.key)} />
              {open.has(line.key) && <Details line={line} onFilter={onFilter} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface LineProps {
  line: LogLine;
  showTime: boolean;
  showLabels?: boolean;
  open: boolean;
  onToggle: () => void;
}

function Line({ line, showTime, showLabels, open, onToggle }: LineProps) {
  const level = levelOf(line.line, line.labels);
  return (
    <div
      class={`log-line is-${level}`}
      role="button"
      tabIndex={0}
      aria-expanded={open}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onToggle();
      }}
      onClick={() => {
        // Selecting text is no click.
        if (!getSelection()?.toString()) onToggle();
      }}
    >
      <span class="log-level" title={level} />
      {showTime && <time class="log-time">{clock(line.ms)}</time>}
      {showLabels && <span class="log-labels">{Object.values(line.labels).join(" ")}</span>}
      <span class="log-text">{line.line}</span>
    </div>
  );
}

function Details({ line, onFilter }: { line: LogLine; onFilter: Props["onFilter"] }) {
  const { format, fields } = lineFields(line.line);
  const row = (name: string, value: string, from: "label" | "json" | "logfmt") => (
    <tr key={from + name}>
      <td class="log-actions">
        {onFilter && (
          <>
            <button type="button" title={`Only lines with this ${name}`} aria-label={`Only lines with this ${name}`} onClick={() => onFilter(name, value, "=", from)}>
              <Icon name="plus" size={12} />
            </button>
            <button type="button" title={`Leave out lines with this ${name}`} aria-label={`Leave out lines with this ${name}`} onClick={() => onFilter(name, value, "!=", from)}>
              <Icon name="minus" size={12} />
            </button>
          </>
        )}
        <button type="button" title="Copy the value" aria-label="Copy the value" onClick={() => void navigator.clipboard?.writeText(value)}>
          <Icon name="copy" size={12} />
        </button>
      </td>
      <th scope="row">{name}</th>
      <td class="log-value">{value}</td>
    </tr>
  );
  return (
    <div class="log-details">
      <table>
        <tbody>
          <tr class="log-group">
            <td colSpan={3}>Labels</td>
          </tr>
          {Object.entries(line.labels).sort().map(([name, value]) => row(name, value, "label"))}
          {format !== "none" && (
            <tr class="log-group">
              <td colSpan={3}>Fields ({format === "json" ? "JSON" : "logfmt"})</td>
            </tr>
          )}
          {format !== "none" && fields.map(([name, value]) => row(name, value, format))}
        </tbody>
      </table>
    </div>
  );
}

const two = (n: number) => String(n).padStart(2, "0");

/** `05-31 13:07:00.123`, in local time. */
function clock(ms: number): string {
  const date = new Date(ms);
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
