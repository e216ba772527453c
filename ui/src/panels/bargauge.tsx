/** A bar for each value, from the lowest to the highest possible one. */

import { NoData } from "../components/States";
import { valueColor } from "../model/field/colors";
import { show, shownText } from "../model/field/display";
import { singleValues, type ReduceOptions, type SingleValue } from "../model/field/single";
import { absoluteSteps } from "../model/field/thresholds";
import { theme } from "../theme";
import type { PanelProps } from "./types";

interface BarGaugeOptions {
  reduceOptions?: ReduceOptions;
  orientation?: "auto" | "horizontal" | "vertical";
  displayMode?: "gradient" | "basic" | "lcd";
  showUnfilled?: boolean;
}

export function BarGaugePanel({ panel, data, width, height }: PanelProps) {
  const options = panel.options as BarGaugeOptions;
  const values = singleValues(data.frames, options.reduceOptions);
  if (values.length === 0) return <NoData text={panel.fieldConfig.defaults.noValue} />;
  const vertical = options.orientation === "vertical" || (options.orientation !== "horizontal" && height > width);
  const each = vertical ? Math.max(28, width / values.length - 6) : Math.max(20, Math.min(44, height / values.length - 6));
  return (
    <div class={vertical ? "bars is-vertical" : width < 260 ? "bars is-narrow" : "bars"} style={{ height: `${height}px` }}>
      {values.map((value) => (
        <Bar key={value.index} value={value} options={options} vertical={vertical} thickness={each} />
      ))}
    </div>
  );
}

interface BarProps {
  value: SingleValue;
  options: BarGaugeOptions;
  vertical: boolean;
  thickness: number;
}

function Bar({ value, options, vertical, thickness }: BarProps) {
  const { config } = value;
  const shown = show(value.value, config, theme.value, value.index, value.name);
  const low = config.min ?? 0;
  const high = config.max ?? 100;
  const share = typeof value.value === "number" ? Math.max(0, Math.min(1, (value.value - low) / (high - low || 1))) : 0;
  const percent = `${(share * 100).toFixed(1)}%`;
  const mode = options.displayMode ?? "gradient";
  const fill =
    mode === "basic"
      ? shown.color
      : mode === "lcd"
        ? `repeating-linear-gradient(${vertical ? "0deg" : "90deg"}, ${shown.color} 0 8px, transparent 8px 10px)`
        : gradient(value, low, high, share, vertical);
  const text = shownText(shown);
  return (
    <div class="bar" style={vertical ? { width: `${thickness}px` } : { minHeight: `${thickness}px` }} title={`${value.name}: ${text}`}>
      <span class="bar-name">{value.name}</span>
      <span class="bar-track" style={{ background: options.showUnfilled === false ? "none" : undefined }}>
        <span class="bar-fill" style={vertical ? { height: percent, background: fill } : { width: percent, background: fill }} />
      </span>
      <span class="bar-value" style={{ color: shown.color }}>
        {text}
      </span>
    </div>
  );
}

/** The colours of the thresholds below the value, blended along the bar. */
function gradient(value: SingleValue, low: number, high: number, share: number, vertical: boolean): string {
  const steps = absoluteSteps(value.config);
  const stops = steps
    .filter((step) => !Number.isFinite(step.value) || (step.value - low) / (high - low || 1) <= share)
    .map((step) => {
      const at = Number.isFinite(step.value) ? (step.value - low) / (high - low || 1) / (share || 1) : 0;
      const level = Number.isFinite(step.value) ? step.value : low;
      return `${valueColor(level, value.config, theme.value, value.index, value.name)} ${(Math.max(0, at) * 100).toFixed(1)}%`;
    });
  const direction = vertical ? "0deg" : "90deg";
  return stops.length > 1 ? `linear-gradient(${direction}, ${stops.join(", ")})` : stops[0]!.replace(/ [\d.]+%$/, "");
}
