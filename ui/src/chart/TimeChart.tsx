/** A time chart in its box: builds uPlot when the shape changes, only moves data when values do. */

import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { TimeRange } from "../model/time/range";
import { colorToken, theme, token } from "../theme";
import { buildAxes } from "./axes";
import { cursorPlugin, cursorSettings, type Hover } from "./cursor";
import { buildSeries, stackBands } from "./draw";
import { buildScales } from "./scales";
import { stackColumns, type ChartTable } from "./series";
import { thresholdPlugin } from "./thresholds";
import { Tooltip, type TooltipOptions } from "./Tooltip";

export interface TimeChartProps {
  table: ChartTable;
  range: TimeRange;
  width: number;
  height: number;
  hidden: ReadonlySet<number>;
  focused?: number;
  sharedCursor?: boolean;
  tooltip: TooltipOptions;
  onZoom?: (fromMs: number, toMs: number) => void;
  label: string;
}

export function TimeChart(props: TimeChartProps) {
  const { table, range, width, height, hidden, tooltip } = props;
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const latest = useRef(props);
  latest.current = props;

  const visible = (index: number) => !hidden.has(index) && !table.series[index]?.hideFrom.viz;
  const data = useMemo(
    () => [table.times.map((ms) => ms / 1000), ...stackColumns(table, visible)] as uPlot.AlignedData,
    [table, hidden],
  );
  const shape = useMemo(
    () => `${theme.value}|${hidden.size}:${[...hidden].join()}|${JSON.stringify(table.series.map((s) => [s.name, s.color, s.unit, s.style, s.config]))}`,
    [table, hidden, theme.value],
  );

  useLayoutEffect(() => {
    if (!host.current || width < 40 || height < 40) return;
    const font = `11px ${token("font")}`;
    const plugins = [
      thresholdPlugin(table.series, theme.peek()),
      cursorPlugin({
        id,
        shared: props.sharedCursor ?? false,
        onHover: setHover,
        onSelect: (from, to) => latest.current.onZoom?.(from, to),
      }),
    ].filter((plugin) => plugin !== null);
    const made = new uPlot(
      {
        width,
        height,
        padding: [8, 8, 0, 4],
        legend: { show: false },
        focus: { alpha: 1.1 },
        cursor: cursorSettings(),
        scales: buildScales(table.series, () => {
          const { fromMs, toMs } = latest.current.range;
          return [fromMs / 1000, toMs / 1000];
        }),
        axes: buildAxes(table.series, { text: colorToken("text-3"), grid: colorToken("chart-grid"), font }, measurer(font)),
        series: [{}, ...table.series.map((series, index) => buildSeries(series, visible(index)))],
        bands: stackBands(table.series, visible),
        plugins,
      },
      data,
      host.current,
    );
    chart.current = made;
    return () => {
      chart.current = null;
      made.destroy();
    };
  }, [shape, props.sharedCursor]);

  useEffect(() => chart.current?.setData(data), [data, range]);
  useEffect(() => {
    if (chart.current && (chart.current.width !== width || chart.current.height !== height)) chart.current.setSize({ width, height });
  }, [width, height]);
  useEffect(() => {
    const u = chart.current;
    if (!u) return;
    const { focused } = props;
    u.series.forEach((series, index) => {
      if (index) (series as { alpha: number }).alpha = focused === undefined || focused === index - 1 ? 1 : 0.2;
    });
    u.redraw(false);
  }, [props.focused]);

  return (
    <div class="chart" ref={host} role="img" aria-label={props.label}>
      {hover && tooltip.mode !== "none" && (
        <Tooltip table={table} hover={hover} options={tooltip} hidden={hidden} plot={chart.current} />
      )}
    </div>
  );
}

/** Widths of texts in CSS pixels, to size an axis to its longest tick. */
function measurer(font: string): (text: string) => number {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return (text) => text.length * 6.5;
  context.font = font;
  return (text) => context.measureText(text).width;
}
