/** The grid of panels: 24 columns, one below the other on a narrow screen. */

import { Icon } from "../components/Icon";
import { interpolate } from "../model/variables/interpolate";
import { PanelFrame } from "./PanelFrame";
import { useRuntime } from "./runtime";
import type { PanelModel } from "./types";
import { panelScope } from "./usePanelData";

export function Grid({ panels, onToggle }: { panels: readonly PanelModel[]; onToggle: (key: string, closed: boolean) => void }) {
  return (
    <div class="grid">
      {panels.map((panel) => {
        const { x, y, w, h } = panel.gridPos;
        return (
          <div
            class={panel.type === "row" ? "grid-item is-row" : "grid-item"}
            key={panel.key ?? panel.id}
            style={{ gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}`, "--h": h }}
          >
            {panel.type === "row" ? <RowHeader panel={panel} onToggle={onToggle} /> : <PanelFrame panel={panel} />}
          </div>
        );
      })}
    </div>
  );
}

function RowHeader({ panel, onToggle }: { panel: PanelModel; onToggle: (key: string, closed: boolean) => void }) {
  const { scope } = useRuntime();
  const closed = Boolean(panel.collapsed);
  return (
    <button type="button" class="row-head" aria-expanded={!closed} onClick={() => onToggle(panel.key ?? String(panel.id), !closed)}>
      <Icon name={closed ? "right" : "down"} size={14} />
      <span>{interpolate(panel.title || "Row", panelScope(panel, scope), "text")}</span>
    </button>
  );
}
