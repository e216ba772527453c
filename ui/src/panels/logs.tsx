/** Lines of a log. */

import { useMemo } from "preact/hooks";
import { Empty } from "../components/States";
import { LogList } from "../logs/LogList";
import type { LogLine } from "../model/frames/loki";
import type { PanelProps } from "./types";

export default function LogsPanel({ panel, data, height }: PanelProps) {
  const { showTime, wrapLogMessage, showLabels, sortOrder } = panel.options as {
    showTime?: boolean;
    wrapLogMessage?: boolean;
    showLabels?: boolean;
    sortOrder?: string;
  };
  const lines = useMemo(() => {
    const found = data.frames
      .filter((frame) => frame.kind === "logs")
      .flatMap((frame, at) =>
        frame.fields[0]!.values.map((ms, row): LogLine => ({
          key: `${at}.${row}`,
          ms: ms as number,
          ns: String(frame.fields[3]?.values[row] ?? ""),
          line: String(frame.fields[1]!.values[row] ?? ""),
          labels: (frame.fields[2]?.values[row] ?? {}) as Record<string, string>,
        })),
      );
    return sortOrder === "Ascending" ? found.sort((a, b) => a.ms - b.ms) : found;
  }, [data.frames, sortOrder]);
  if (lines.length === 0) return <Empty icon="search" title="No lines in this range" />;
  return <LogList lines={lines} height={height} showTime={showTime !== false} wrap={wrapLogMessage ?? false} showLabels={showLabels ?? false} />;
}
