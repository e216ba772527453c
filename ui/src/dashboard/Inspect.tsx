/** What lies behind a panel: its data as a table and CSV, and the queries as they were sent. */

import { useState } from "preact/hooks";
import { Dialog } from "../components/Dialog";
import { frameCsv } from "../model/frames/csv";
import { displayName } from "../model/frames/names";
import { frameLength } from "../model/frames/types";
import { formatInstant } from "../model/time/range";
import type { PanelData } from "./query";
import type { PanelModel } from "./types";

const ROWS = 500;

export function Inspect({ panel, data, title, onClose }: { panel: PanelModel; data: PanelData; title: string; onClose: () => void }) {
  const [at, setAt] = useState(0);
  const frame = data.frames[at];
  const download = () => {
    if (!frame) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([frameCsv(frame)], { type: "text/csv" }));
    link.download = `${title || "panel"}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return (
    <Dialog title={`Inspect: ${title || panel.type}`} onClose={onClose} wide>
      <h4>Queries</h4>
      {(panel.targets ?? []).map((target) => (
        <pre class="code" key={target.refId}>
          {target.refId}: {target.expr}
        </pre>
      ))}
      {data.error && <p class="error-text">{data.error.message}</p>}
      <div class="toolbar">
        <h4>Data</h4>
        {data.frames.length > 1 && (
          <select value={at} onChange={(event) => setAt(Number(event.currentTarget.value))} aria-label="Series">
            {data.frames.map((one, index) => (
              <option value={index} key={index}>
                {one.fields[1] ? displayName(one.fields[1], one) : one.refId}
              </option>
            ))}
          </select>
        )}
        <span class="spacer" />
        <button type="button" class="button" disabled={!frame} onClick={download}>
          Download CSV
        </button>
      </div>
      {frame ? (
        <div class="table-scroll">
          <table class="data-table">
            <thead>
              <tr>
                {frame.fields.map((field, index) => (
                  <th key={index}>{displayName(field, frame)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {Array.from({ length: Math.min(ROWS, frameLength(frame)) }, (_, row) => (
                <tr key={row}>
                  {frame.fields.map((field, index) => {
                    const value = field.values[row];
                    return (
                      <td key={index} class={field.type === "number" ? "number" : ""}>
                        {field.type === "time" && typeof value === "number" ? formatInstant(value) : typeof value === "object" && value ? JSON.stringify(value) : String(value ?? "")}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p class="hint">The queries gave nothing.</p>
      )}
    </Dialog>
  );
}
