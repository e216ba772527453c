/** A small area chart without axes. */

import { withAlpha } from "../model/field/colors";

interface Props {
  values: readonly (number | null)[];
  color: string;
  width: number;
  height: number;
}

export function Sparkline({ values, color, width, height }: Props) {
  const path = sparkPath(values, width, height);
  if (!path) return null;
  return (
    <svg class="sparkline" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path d={`${path.line}L${path.endX} ${height}L${path.startX} ${height}Z`} fill={withAlpha(color, 0.16)} />
      <path d={path.line} fill="none" stroke={color} stroke-width="1.5" stroke-linejoin="round" />
    </svg>
  );
}

/** The line through the known values, thinned to one point a pixel. */
export function sparkPath(values: readonly (number | null)[], width: number, height: number) {
  const known = values.flatMap((value, i): [number, number][] => (value === null || !Number.isFinite(value) ? [] : [[i, value]]));
  if (known.length < 2) return null;
  const stride = Math.max(1, Math.floor(known.length / width));
  let low = Infinity;
  let high = -Infinity;
  for (const [, value] of known) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const span = high - low || 1;
  const x = (i: number) => Math.round((i / (values.length - 1)) * width * 10) / 10;
  const y = (value: number) => Math.round((height - 2 - ((high === low ? 0.5 : (value - low) / span) * (height - 4))) * 10) / 10;
  const points = known.filter((_, i) => i % stride === 0 || i === known.length - 1).map(([i, value]) => `${x(i)} ${y(value)}`);
  return { line: `M${points.join("L")}`, startX: x(known[0]![0]), endX: x(known[known.length - 1]![0]) };
}
