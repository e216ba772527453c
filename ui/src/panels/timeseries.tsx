/** Lines, bars and points over time, with a legend. */

import { useMemo, useState } from "preact/hooks";
import { Legend, legendSize, readLegend } from "../chart/Legend";
import { chartTable } from "../chart/series";
import { TimeChart } from "../chart/TimeChart";
import type { TooltipOptions } from "../chart/Tooltip";
import { NoData } from "../components/States";
import { theme } from "../theme";
import type { PanelProps } from "./types";

export function TimeSeriesPanel({ panel, data, width, height, range, crosshair, onZoom }: PanelProps) {
  const table = useMemo(() => chartTable(data.frames, theme.value), [data.frames, theme.value]);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [focused, setFocused] = useState<number | undefined>();
  const legend = readLegend(panel.options.legend);
  const given = (panel.options.tooltip ?? {}) as Partial<TooltipOptions>;
  const tooltip: TooltipOptions = { mode: given.mode ?? "multi", sort: given.sort ?? "none", hideZeros: given.hideZeros };
  if (table.series.length === 0 || table.times.length === 0) return <NoData />;
  const place = legendSize(legend, table.series.length, width, height);
  return (
    <div class={`chart-panel is-${place.side}`} style={{ height: `${height}px` }}>
      <TimeChart
        table={table}
        range={data.range ?? range}
        width={place.chartWidth}
        height={place.chartHeight}
        hidden={hidden}
        focused={focused}
        sharedCursor={crosshair > 0}
        tooltip={tooltip}
        onZoom={onZoom}
        label={summary(panel.title, table.series.length)}
      />
      {legend.show && (
        <Legend
          series={table.series}
          options={legend}
          hidden={hidden}
          onHidden={setHidden}
          onFocus={setFocused}
          style={place.legendStyle}
        />
      )}
    </div>
  );
}

function summary(title: string, count: number): string {
  return `${title || "Chart"}: ${count} series over time`;
}
