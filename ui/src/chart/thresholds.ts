/** Thresholds on a chart: lines, areas, or both. */

import type uPlot from "uplot";
import { namedColor, withAlpha, type Theme } from "../model/field/colors";
import { absoluteSteps } from "../model/field/thresholds";
import { scaleKey } from "./scales";
import type { ChartSeries } from "./series";

type Mode = "off" | "line" | "dashed" | "area" | "line+area" | "dashed+area";

/** A plugin that draws the thresholds of the first series that wants them, or nothing. */
export function thresholdPlugin(series: readonly ChartSeries[], theme: Theme): uPlot.Plugin | null {
  const owner = series.find((one) => modeOf(one) !== "off");
  if (!owner) return null;
  const mode = modeOf(owner);
  const steps = absoluteSteps(owner.config);
  const scale = scaleKey(owner);
  return {
    hooks: {
      drawClear: [
        (u) => {
          if (!u.scales[scale] || u.scales[scale]!.min == null) return;
          if (mode.includes("area")) drawAreas(u, scale, steps, theme);
          if (mode.includes("line") || mode.includes("dashed")) drawLines(u, scale, steps, theme, mode.includes("dashed"));
        },
      ],
    },
  };
}

function modeOf(series: ChartSeries): Mode {
  return ((series.config.custom?.thresholdsStyle as { mode?: Mode } | undefined)?.mode ?? "off") as Mode;
}

interface Step {
  color: string;
  value: number;
}

function drawAreas(u: uPlot, scale: string, steps: readonly Step[], theme: Theme): void {
  const { left, top, width, height } = u.bbox;
  const y = (value: number) => Math.max(top, Math.min(top + height, u.valToPos(value, scale, true)));
  u.ctx.save();
  steps.forEach((step, index) => {
    const color = namedColor(step.color, theme);
    if (color === "transparent" || color.startsWith("var(")) return;
    const low = Number.isFinite(step.value) ? y(step.value) : top + height;
    const next = steps[index + 1];
    const high = next ? y(next.value) : top;
    u.ctx.fillStyle = withAlpha(color, 0.1);
    u.ctx.fillRect(left, high, width, low - high);
  });
  u.ctx.restore();
}

function drawLines(u: uPlot, scale: string, steps: readonly Step[], theme: Theme, dashed: boolean): void {
  const { left, top, width, height } = u.bbox;
  u.ctx.save();
  u.ctx.lineWidth = 1.5 * devicePixelRatio;
  if (dashed) u.ctx.setLineDash([8 * devicePixelRatio, 6 * devicePixelRatio]);
  for (const step of steps) {
    if (!Number.isFinite(step.value)) continue;
    const color = namedColor(step.color, theme);
    const y = u.valToPos(step.value, scale, true);
    if (color === "transparent" || color.startsWith("var(") || y < top || y > top + height) continue;
    u.ctx.strokeStyle = withAlpha(color, 0.75);
    u.ctx.beginPath();
    u.ctx.moveTo(left, y);
    u.ctx.lineTo(left + width, y);
    u.ctx.stroke();
  }
  u.ctx.restore();
}
