/** How many lines there were, by level: the histogram above a log query's lines. */

import { useMemo } from "preact/hooks";
import * as loki from "../api/loki";
import { useRemote } from "../components/useRemote";
import type { PageTime } from "../components/useTimeRange";
import { lokiFrames } from "../model/frames/loki";
import type { Frame } from "../model/frames/types";
import { levelOf, type Level } from "../model/logs/level";
import { volumeQuery } from "../model/logs/logql";
import { formatDuration } from "../model/time/duration";
import { alignRange, roundInterval } from "../model/time/interval";
import { absolute } from "../model/time/range";
import { TimeSeriesPanel } from "../panels/timeseries";
import { colorToken, theme } from "../theme";

const BARS = 60;
const HEIGHT = 130;
const TOKENS: Record<Level, string> = { critical: "code-keyword", error: "bad", warning: "warn", info: "ok", debug: "info", trace: "info", unknown: "border-strong" };

export function LogVolume({ uid, query, time, width }: { uid: string; query: string; time: PageTime; width: number }) {
  const { range } = time;
  const { data } = useRemote(
    async (signal) => {
      const stepMs = Math.max(1000, roundInterval((range.toMs - range.fromMs) / BARS));
      const grid = { ...alignRange(range.fromMs, range.toMs, stepMs), stepMs };
      const expr = volumeQuery(query, formatDuration(stepMs));
      const result = await loki.queryRange(uid, { expr, ...grid }, signal);
      return lokiFrames(result, { refId: "A", expr }, grid);
    },
    [uid, query, range],
  );
  const frames = useMemo(() => colored(data ?? []), [data, theme.value]);
  // A door that cannot count yet simply has no histogram.
  if (frames.length === 0 || width === 0) return null;
  const panel = { id: 0, type: "timeseries", title: "Lines by level", gridPos: { x: 0, y: 0, w: 24, h: 4 }, fieldConfig: { defaults: {}, overrides: [] }, options: { legend: { displayMode: "list", calcs: ["sum"] } } };
  return (
    <section class="card log-volume" style={{ height: `${HEIGHT}px` }}>
      <TimeSeriesPanel panel={panel} data={{ frames, notices: [], range }} width={width - 20} height={HEIGHT - 12} range={range} scope={new Map()} crosshair={0} onZoom={(from, to) => time.setRange(absolute(from, to))} />
    </section>
  );
}

/** Each level in its colour, the calm ones at the bottom of the stack. */
function colored(frames: readonly Frame[]): Frame[] {
  const order = Object.keys(TOKENS);
  const level = (frame: Frame) => levelOf("", frame.fields[1]!.labels ?? {});
  return [...frames]
    .sort((a, b) => order.indexOf(level(b)) - order.indexOf(level(a)))
    .map((frame) => {
      const found = level(frame);
      const name = found !== "unknown" ? found : frames.length > 1 ? "no level" : "lines";
      const config = {
        decimals: 0,
        unit: "short",
        color: { mode: "fixed", fixedColor: colorToken(TOKENS[found]) },
        custom: { drawStyle: "bars", fillOpacity: 70, lineWidth: 0, barWidthFactor: 0.85, stacking: { mode: "normal", group: "A" } },
      };
      return { ...frame, fields: [frame.fields[0]!, { ...frame.fields[1]!, config, sourceName: name }] };
    });
}
