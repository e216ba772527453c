/** Shares of a whole. */

import { useMemo } from "preact/hooks";
import { NoData } from "../components/States";
import { show, shownText } from "../model/field/display";
import { singleValues, type ReduceOptions } from "../model/field/single";
import { theme } from "../theme";
import type { PanelProps } from "./types";

interface PieOptions {
  reduceOptions?: ReduceOptions;
  pieType?: "pie" | "donut";
  legend?: { showLegend?: boolean; placement?: string; values?: string[] };
}

export default function PieChartPanel({ panel, data, width, height }: PanelProps) {
  const options = panel.options as PieOptions;
  const slices = useMemo(() => {
    const defaults = { color: { mode: "palette-classic" } };
    return singleValues(data.frames, options.reduceOptions)
      .filter((value) => typeof value.value === "number" && value.value > 0)
      .map((value) => {
        const config = value.config.color?.mode ? value.config : { ...value.config, ...defaults };
        return { ...value, amount: value.value as number, shown: show(value.value, config, theme.value, value.index, value.name) };
      });
  }, [data.frames, theme.value]);
  const total = slices.reduce((sum, slice) => sum + slice.amount, 0);
  if (total === 0) return <NoData />;
  const right = options.legend?.placement === "right" || width > height * 1.4;
  const legend = options.legend?.showLegend !== false;
  const size = Math.max(40, Math.min(right && legend ? width * 0.5 : width, right || !legend ? height : height * 0.68)) - 8;
  let angle = -Math.PI / 2;
  return (
    <div class={right ? "pie is-right" : "pie"} style={{ height: `${height}px` }}>
      <svg width={size} height={size} viewBox="-1 -1 2 2" role="img" aria-label={`${panel.title}: shares of ${slices.length} values`}>
        {slices.map((slice) => {
          const from = angle;
          angle += (slice.amount / total) * Math.PI * 2;
          return (
            <path key={slice.index} d={slicePath(from, angle, options.pieType === "donut" ? 0.6 : 0)} fill={slice.shown.color} stroke="var(--surface)" stroke-width="0.015">
              <title>{`${slice.name}: ${shownText(slice.shown)} (${((slice.amount / total) * 100).toFixed(1)}%)`}</title>
            </path>
          );
        })}
      </svg>
      {legend && (
        <ul class="pie-legend">
          {slices.map((slice) => (
            <li key={slice.index}>
              <span class="swatch" style={{ background: slice.shown.color }} />
              <span class="legend-text grow">{slice.name}</span>
              <span class="number muted">{options.legend?.values?.includes("value") ? shownText(slice.shown) : `${((slice.amount / total) * 100).toFixed(0)}%`}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** A slice between two angles of the unit circle, with a hole of radius `hole`. */
export function slicePath(from: number, to: number, hole: number): string {
  const end = Math.min(to, from + Math.PI * 2 - 1e-4);
  const large = end - from > Math.PI ? 1 : 0;
  const at = (radius: number, angle: number) => `${(radius * Math.cos(angle)).toFixed(4)} ${(radius * Math.sin(angle)).toFixed(4)}`;
  if (hole === 0) return `M0 0L${at(1, from)}A1 1 0 ${large} 1 ${at(1, end)}Z`;
  return `M${at(hole, from)}L${at(1, from)}A1 1 0 ${large} 1 ${at(1, end)}L${at(hole, end)}A${hole} ${hole} 0 ${large} 0 ${at(hole, from)}Z`;
}
