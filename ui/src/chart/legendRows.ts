/** What a legend shows: pure, so that it can be tested without a browser. */

import { calc } from "../model/frames/reduce";
import { formatValue } from "../model/units/format";
import type { ChartSeries } from "./series";

export interface LegendOptions {
  show: boolean;
  mode: "list" | "table";
  placement: "bottom" | "right";
  calcs: string[];
  width?: number;
  sortBy?: string;
  sortDesc: boolean;
}

/** Options as documents have them, older ones included. */
export function readLegend(raw: unknown): LegendOptions {
  const given = (raw ?? {}) as Record<string, unknown>;
  const calcs = Array.isArray(given.calcs) ? given.calcs.filter((one): one is string => typeof one === "string") : [];
  const mode = given.displayMode === "table" ? "table" : "list";
  return {
    show: given.showLegend !== false && given.displayMode !== "hidden",
    mode,
    placement: given.placement === "right" ? "right" : "bottom",
    calcs,
    width: typeof given.width === "number" ? given.width : undefined,
    sortBy: typeof given.sortBy === "string" ? given.sortBy : undefined,
    sortDesc: given.sortDesc === true,
  };
}

export interface LegendRow {
  index: number;
  name: string;
  color: string;
  cells: { calc: string; title: string; value: number | null; text: string }[];
}

/** The rows of a legend, sorted as asked. */
export function legendRows(series: readonly ChartSeries[], options: LegendOptions): LegendRow[] {
  const rows = series.flatMap((one, index): LegendRow[] => {
    if (one.hideFrom.legend) return [];
    const sign = one.config.custom?.transform === "negative-Y" ? -1 : 1;
    const cells = options.calcs.map((id) => {
      const { title, run } = calc(id);
      const values = sign < 0 ? one.values.map((value) => (value === null ? null : -value)) : one.values;
      const value = run(values);
      return { calc: id, title, value, text: value === null ? "–" : formatValue(value, one.config.unit, one.config.decimals) };
    });
    return [{ index, name: one.name, color: one.color, cells }];
  });
  const { sortBy } = options;
  if (!sortBy) return rows;
  const direction = options.sortDesc ? -1 : 1;
  return rows.sort((a, b) => {
    if (sortBy === "Name") return direction * a.name.localeCompare(b.name, "en", { numeric: true });
    const value = (row: LegendRow) => row.cells.find((cell) => cell.title === sortBy)?.value ?? -Infinity;
    return direction * (value(a) - value(b));
  });
}

/** After a click on a series: it alone, or with a modifier it toggled; a second click brings all back. */
export function clickLegend(hidden: ReadonlySet<number>, index: number, count: number, toggle: boolean): ReadonlySet<number> {
  if (toggle) {
    const next = new Set(hidden);
    if (!next.delete(index)) next.add(index);
    return next;
  }
  const alone = hidden.size === count - 1 && !hidden.has(index);
  if (alone) return new Set();
  return new Set(Array.from({ length: count }, (_, i) => i).filter((i) => i !== index));
}
