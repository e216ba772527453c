/** Rows and columns: sorted by a click, cells coloured, cut into pages of what is on screen. */

import { useMemo, useState } from "preact/hooks";
import { NoData } from "../components/States";
import { withAlpha } from "../model/field/colors";
import { show, shownText } from "../model/field/display";
import { displayName } from "../model/frames/names";
import { frameLength, type Cell, type Field, type Frame } from "../model/frames/types";
import { isDate } from "../model/units/format";
import { formatInstant } from "../model/time/range";
import { theme } from "../theme";
import { sortRows, type Sort } from "./tableSort";
import type { PanelProps } from "./types";
import { readable } from "./stat";
import { VirtualRows } from "../components/VirtualRows";
import { joinSeries } from "../model/transform/joinSeries";

const ROW_PX = { sm: 28, md: 32, lg: 42 } as Record<string, number>;

export default function TablePanel({ panel, data, width, height }: PanelProps) {
  const [at, setAt] = useState(0);
  const frames = useMemo(() => joinSeries(data.frames), [data.frames]);
  const frame = frames[Math.min(at, frames.length - 1)];
  if (!frame || frame.fields.length === 0) return <NoData />;
  const picker = frames.length > 1 ? 34 : 0;
  return (
    <div>
      <Table frame={frame} options={panel.options} width={width} height={height - picker} />
      {frames.length > 1 && (
        <select class="table-picker" value={at} aria-label="Result shown" onChange={(event) => setAt(Number(event.currentTarget.value))}>
          {frames.map((one, index) => (
            <option key={index} value={index}>
              {one.name ?? one.refId}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

interface TableProps {
  frame: Frame;
  options: Record<string, unknown>;
  width: number;
  height: number;
}

function Table({ frame, options, width, height }: TableProps) {
  const initial = (options.sortBy as { displayName?: string; desc?: boolean }[] | undefined)?.[0];
  const [sort, setSort] = useState<Sort | null>(initial?.displayName ? { by: initial.displayName, desc: Boolean(initial.desc) } : null);
  const columns = frame.fields.filter((field) => !field.config.custom?.hidden);
  const order = useMemo(() => sortRows(frame, sort), [frame, sort]);
  const rowHeight = ROW_PX[String(options.cellHeight ?? "sm")] ?? 28;
  const template = columns.map((field) => columnWidth(field, width, columns.length)).join(" ");
  const next = (name: string) => setSort((old) => (old?.by !== name ? { by: name, desc: false } : old.desc ? null : { by: name, desc: true }));
  return (
    <div class="grid-table" role="table" aria-rowcount={frameLength(frame)} style={{ height: `${height}px`, "--columns": template }}>
      {options.showHeader !== false && (
        <div class="grid-row is-head" role="row">
          {columns.map((field, index) => {
            const name = displayName(field, frame);
            return (
              <div role="columnheader" key={index} class={alignment(field)}>
                <button type="button" title={name} onClick={() => next(name)}>
                  {name}
                  {sort?.by === name && (sort.desc ? " ↓" : " ↑")}
                </button>
              </div>
            );
          })}
        </div>
      )}
      <VirtualRows count={order.length} rowHeight={rowHeight} height={height - (options.showHeader !== false ? 30 : 0)}>
        {(row) => (
          <div class="grid-row" role="row" style={{ height: `${rowHeight}px` }}>
            {columns.map((field, index) => (
              <TableCell key={index} field={field} frame={frame} value={field.values[order[row]!] ?? null} />
            ))}
          </div>
        )}
      </VirtualRows>
    </div>
  );
}

function columnWidth(field: Field, width: number, count: number): string {
  const custom = field.config.custom ?? {};
  if (typeof custom.width === "number" && custom.width > 0) return `${custom.width}px`;
  const least = Number(custom.minWidth ?? (field.type === "number" ? 84 : 110));
  return `minmax(${Math.min(least, Math.max(60, width / count))}px, 1fr)`;
}

function alignment(field: Field): string {
  const align = field.config.custom?.align;
  if (align === "left" || align === "center" || align === "right") return `is-${align}`;
  return field.type === "number" ? "is-right" : "is-left";
}

function TableCell({ field, frame, value }: { field: Field; frame: Frame; value: Cell }) {
  const { config } = field;
  const text = cellText(field, value);
  const number = typeof value === "number" ? value : null;
  const shown = typeof value === "object" && value !== null ? null : show(value, config, theme.value, 0, displayName(field, frame));
  const cell = (config.custom?.cellOptions ?? { type: config.custom?.displayMode }) as { type?: string; mode?: string };
  const style: Record<string, string> = {};
  if (shown && cell.type === "color-text") style.color = shown.color;
  if (shown && cell.type === "color-background" && shown.color !== "transparent") {
    style.background = cell.mode === "gradient" ? `linear-gradient(120deg, ${shown.color}, ${withAlpha(shown.color, 0.7)})` : shown.color;
    style.color = readable(shown.color);
  }
  const gauge = cell.type?.includes("gauge") && number !== null;
  const share = gauge ? Math.max(0, Math.min(1, (number - (config.min ?? 0)) / ((config.max ?? columnMax(field)) - (config.min ?? 0) || 1))) : 0;
  const link = config.links?.[0];
  return (
    <div role="cell" class={alignment(field)} style={style} title={text}>
      {gauge && <span class="cell-bar" style={{ width: `${(share * 60).toFixed(1)}%`, background: shown?.color }} />}
      {link && /^(https?:|\/)/.test(link.url) ? (
        <a class="link" href={link.url} target={link.targetBlank ? "_blank" : undefined} rel="noreferrer">
          {text}
        </a>
      ) : (
        text
      )}
    </div>
  );
}

function columnMax(field: Field): number {
  return (field.values as (number | null)[]).reduce<number>((most, value) => (value !== null && value > most ? value : most), 0);
}

function cellText(field: Field, value: Cell): string {
  if (value === null || value === undefined) return field.config.noValue ?? "";
  if (typeof value === "object") return JSON.stringify(value);
  if (field.type === "time" && typeof value === "number" && !isDate(field.config.unit)) return formatInstant(value);
  return shownText(show(value, field.config, theme.value));
}
