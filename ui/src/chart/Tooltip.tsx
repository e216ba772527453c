/** What the chart says about the instant under the pointer. */

import { createPortal } from "preact/compat";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { formatInstant } from "../model/time/range";
import { formatValue } from "../model/units/format";
import type { Hover } from "./cursor";
import type { ChartTable } from "./series";

export interface TooltipOptions {
  mode: "single" | "multi" | "none";
  sort: "none" | "asc" | "desc";
  hideZeros?: boolean;
}

const MOST_ROWS = 24;

interface Props {
  table: ChartTable;
  hover: Hover;
  options: TooltipOptions;
  hidden: ReadonlySet<number>;
  plot: uPlot | null;
}

export function Tooltip({ table, hover, options, hidden, plot }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: -9999, top: -9999 });
  const rows = tooltipRows(table, hover, options, hidden);
  const rect = plot?.over.getBoundingClientRect();

  useLayoutEffect(() => {
    if (!rect || !box.current) return;
    const { width, height } = box.current.getBoundingClientRect();
    const x = rect.left + hover.left;
    const y = rect.top + hover.top;
    const left = x + 16 + width > innerWidth - 8 ? x - 16 - width : x + 16;
    setPlace({ left: Math.max(8, left), top: Math.max(8, Math.min(y - height / 2, innerHeight - height - 8)) });
  }, [hover, rows.length]);

  const at = table.times[hover.index];
  if (at === undefined || rows.length === 0) return null;
  return createPortal(
    <div class="tooltip" ref={box} style={{ left: `${place.left}px`, top: `${place.top}px` }}>
      <div class="tooltip-time">{formatInstant(at)}</div>
      {rows.slice(0, MOST_ROWS).map((row) => (
        <div class={row.nearest ? "tooltip-row is-near" : "tooltip-row"} key={row.index}>
          <span class="swatch" style={{ background: row.color }} />
          <span class="tooltip-name">{row.name}</span>
          <span class="tooltip-value">{row.text}</span>
        </div>
      ))}
      {rows.length > MOST_ROWS && <div class="tooltip-more">and {rows.length - MOST_ROWS} more</div>}
    </div>,
    document.body,
  );
}

interface Row {
  index: number;
  name: string;
  color: string;
  value: number;
  text: string;
  nearest: boolean;
}

/** The lines of the tooltip; `single` keeps the series next to the pointer. */
export function tooltipRows(table: ChartTable, hover: Hover, options: TooltipOptions, hidden: ReadonlySet<number>): Row[] {
  const rows = table.series.flatMap((series, index): Row[] => {
    const value = series.values[hover.index];
    if (value === null || value === undefined || hidden.has(index) || series.hideFrom.tooltip || series.hideFrom.viz) return [];
    if (options.hideZeros && value === 0) return [];
    const shown = series.config.custom?.transform === "negative-Y" ? -value : value;
    return [
      {
        index,
        name: series.name,
        color: series.color,
        value: shown,
        text: formatValue(shown, series.config.unit, series.config.decimals),
        nearest: index === hover.nearest,
      },
    ];
  });
  if (options.mode === "single") {
    const near = rows.filter((row) => row.nearest);
    return near.length ? near : rows.slice(0, 1);
  }
  if (options.sort === "asc") rows.sort((a, b) => a.value - b.value);
  else if (options.sort === "desc" || rows.length > MOST_ROWS) rows.sort((a, b) => b.value - a.value);
  return rows;
}
