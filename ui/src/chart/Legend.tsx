/** The legend: a list or a table; a click isolates a series, with ctrl it hides one. */

import { useMemo, useState } from "preact/hooks";
import { clickLegend, legendRows, type LegendOptions } from "./legendRows";
import type { ChartSeries } from "./series";

export { readLegend } from "./legendRows";

const ROW_PX = 22;

interface LegendPlace {
  side: "none" | "right" | "bottom";
  chartWidth: number;
  chartHeight: number;
  legendStyle: Record<string, string>;
}

/** How chart and legend share the panel. */
export function legendSize(options: LegendOptions, count: number, width: number, height: number): LegendPlace {
  if (!options.show || count === 0) return { side: "none", chartWidth: width, chartHeight: height, legendStyle: {} };
  const right = options.placement === "right" && width > 420;
  if (right) {
    const wanted = options.width ?? Math.min(width * 0.4, 160 + options.calcs.length * 76);
    const legendWidth = Math.round(Math.min(wanted, width * 0.5));
    return { side: "right", chartWidth: width - legendWidth - 8, chartHeight: height, legendStyle: { width: `${legendWidth}px` } };
  }
  const rows = options.mode === "table" ? count + 1 : Math.ceil(count / Math.max(1, Math.floor(width / 180)));
  const wanted = Math.min(rows * ROW_PX + 4, Math.max(ROW_PX + 4, height * (options.mode === "table" ? 0.45 : 0.3)));
  const legendHeight = Math.round(Math.max(ROW_PX + 4, wanted));
  return { side: "bottom", chartWidth: width, chartHeight: height - legendHeight, legendStyle: { height: `${legendHeight}px` } };
}

interface Props {
  series: readonly ChartSeries[];
  options: LegendOptions;
  hidden: ReadonlySet<number>;
  onHidden: (hidden: ReadonlySet<number>) => void;
  onFocus: (index: number | undefined) => void;
  style: Record<string, string>;
}

export function Legend({ series, options, hidden, onHidden, onFocus, style }: Props) {
  const [sort, setSort] = useState<{ by?: string; desc: boolean }>({ by: options.sortBy, desc: options.sortDesc });
  const rows = useMemo(
    () => legendRows(series, { ...options, sortBy: sort.by, sortDesc: sort.desc }),
    [series, sort, options.calcs.join()],
  );
  const item = (index: number) => ({
    class: hidden.has(index) ? "legend-name is-off" : "legend-name",
    title: "Click to see it alone, Ctrl-click to hide it",
    "aria-pressed": !hidden.has(index),
    onClick: (event: MouseEvent) => onHidden(clickLegend(hidden, index, series.length, event.ctrlKey || event.metaKey || event.shiftKey)),
    onMouseEnter: () => onFocus(index),
    onMouseLeave: () => onFocus(undefined),
  });
  if (options.mode === "list")
    return (
      <div class={`legend is-list is-${options.placement}`} style={style}>
        {rows.map((row) => (
          <button type="button" key={row.index} {...item(row.index)}>
            <span class="swatch" style={{ background: row.color }} />
            <span class="legend-text">{row.name}</span>
            {row.cells.map((cell) => (
              <span class="legend-calc" key={cell.calc}>
                {cell.title}: {cell.text}
              </span>
            ))}
          </button>
        ))}
      </div>
    );
  const header = (title: string) => (
    <button
      type="button"
      class="legend-sort"
      onClick={() => setSort((old) => ({ by: title, desc: old.by === title ? !old.desc : true }))}
    >
      {title}
      {sort.by === title && (sort.desc ? " ↓" : " ↑")}
    </button>
  );
  return (
    <div class="legend is-table" style={style}>
      <table>
        <thead>
          <tr>
            <th>{header("Name")}</th>
            {(rows[0]?.cells ?? []).map((cell) => (
              <th key={cell.calc} class="number">
                {header(cell.title)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.index}>
              <td>
                <button type="button" {...item(row.index)}>
                  <span class="swatch" style={{ background: row.color }} />
                  <span class="legend-text">{row.name}</span>
                </button>
              </td>
              {row.cells.map((cell) => (
                <td key={cell.calc} class="number">
                  {cell.text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
