/** A dial for each value: an arc to the value, thresholds around it. */

import { NoData } from "../components/States";
import { namedColor } from "../model/field/colors";
import { show, shownText } from "../model/field/display";
import { singleValues, type ReduceOptions, type SingleValue } from "../model/field/single";
import { absoluteSteps } from "../model/field/thresholds";
import { theme } from "../theme";
import { fitFont, tileGrid } from "./tiles";
import type { PanelProps } from "./types";

interface GaugeOptions {
  reduceOptions?: ReduceOptions;
  orientation?: string;
  showThresholdMarkers?: boolean;
  showThresholdLabels?: boolean;
}

export function GaugePanel({ panel, data, width, height }: PanelProps) {
  const options = panel.options as GaugeOptions;
  const values = singleValues(data.frames, options.reduceOptions);
  if (values.length === 0) return <NoData text={panel.fieldConfig.defaults.noValue} />;
  const { columns, rows } = tileGrid(values.length, width, height, undefined, 1.3);
  return (
    <div class="tiles" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
      {values.map((value) => (
        <Dial key={value.index} value={value} options={options} named={values.length > 1} width={width / columns} height={height / rows} />
      ))}
    </div>
  );
}

const FROM = -200;
const SWEEP = 220;

interface DialProps {
  value: SingleValue;
  options: GaugeOptions;
  named: boolean;
  width: number;
  height: number;
}

function Dial({ value, options, named, width, height }: DialProps) {
  const shown = show(value.value, value.config, theme.value, value.index, value.name);
  const low = value.config.min ?? 0;
  const high = value.config.max ?? 100;
  const ratio = (number: number) => Math.max(0, Math.min(1, (number - low) / (high - low || 1)));
  const nameHeight = named ? 20 : 0;
  // The arc is as wide as the box and reaches a third of its radius below the centre.
  const radius = Math.max(20, Math.min(width / 2 - 6, (height - nameHeight - 8) / 1.36));
  const band = Math.max(6, radius * 0.2);
  const cx = width / 2;
  const cy = radius + 4;
  const text = shownText(shown);
  const inner = radius - band / 2 - (options.showThresholdMarkers === false ? 0 : band * 0.35);
  const number = typeof value.value === "number" && Number.isFinite(value.value) ? value.value : null;
  return (
    <div class="dial" style={{ height: `${height}px` }} title={`${value.name}: ${text}`}>
      <svg width={width} height={height - nameHeight} role="img" aria-label={`${value.name}: ${text}`}>
        <path d={arc(cx, cy, inner, 0, 1)} fill="none" stroke="var(--surface-3)" stroke-width={band} />
        {number !== null && ratio(number) > 0 && (
          <path d={arc(cx, cy, inner, 0, ratio(number))} fill="none" stroke={shown.color} stroke-width={band} />
        )}
        {options.showThresholdMarkers !== false && <Markers value={value} ratio={ratio} radius={radius} cx={cx} cy={cy} band={band * 0.22} />}
        <text
          x={cx}
          y={cy + radius * 0.08}
          text-anchor="middle"
          dominant-baseline="middle"
          fill={shown.color}
          font-weight="600"
          font-size={fitFont(text, inner * 1.45, radius * 0.62, 48)}
        >
          {text}
        </text>
      </svg>
      {named && <div class="dial-name">{value.name}</div>}
    </div>
  );
}

interface MarkerProps {
  value: SingleValue;
  ratio: (value: number) => number;
  radius: number;
  cx: number;
  cy: number;
  band: number;
}

function Markers({ value, ratio, radius, cx, cy, band }: MarkerProps) {
  const steps = absoluteSteps(value.config);
  return (
    <>
      {steps.map((step, index) => {
        const from = Number.isFinite(step.value) ? ratio(step.value) : 0;
        const to = steps[index + 1] ? ratio(steps[index + 1]!.value) : 1;
        if (to <= from) return null;
        return <path key={index} d={arc(cx, cy, radius, from, to)} fill="none" stroke={namedColor(step.color, theme.value)} stroke-width={band} />;
      })}
    </>
  );
}

/** The path along the dial from one share of it to another. */
export function arc(cx: number, cy: number, radius: number, from: number, to: number): string {
  const point = (share: number) => {
    const angle = ((FROM + SWEEP * share) * Math.PI) / 180;
    return `${(cx + radius * Math.cos(angle)).toFixed(2)} ${(cy + radius * Math.sin(angle)).toFixed(2)}`;
  };
  return `M${point(from)}A${radius} ${radius} 0 ${(to - from) * SWEEP > 180 ? 1 : 0} 1 ${point(to)}`;
}
