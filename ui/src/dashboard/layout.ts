/** Where panels stand on the page: rows opened and closed, repeats laid out, gaps closed upward. */

import { ALL, chosenValues } from "../model/variables/types";
import type { Scope } from "../model/variables/interpolate";
import type { GridPos, PanelModel } from "./types";

export const COLUMNS = 24;
const MAX_PER_ROW = 4;

/** The panels to show for this choice of values, in order, placed. */
export function layoutPanels(panels: readonly PanelModel[], scope: Scope, collapsed: ReadonlyMap<string, boolean>): PanelModel[] {
  const placed: PanelModel[] = [];
  let offset = 0;
  for (const section of sections(panels)) {
    for (const copy of repeatRow(section, scope)) {
      const { row } = copy;
      const top = sectionTop(copy);
      let height = 0;
      if (row) {
        const key = row.key ?? String(row.id);
        const closed = collapsed.get(key) ?? Boolean(row.collapsed);
        placed.push({ ...row, key, collapsed: closed, gridPos: { x: 0, y: offset, w: COLUMNS, h: 1 } });
        height = 1;
        if (closed) {
          offset += 1;
          continue;
        }
      }
      const body = repeatPanels(copy.panels, scope).map((panel) => shift(panel, offset + height - top));
      placed.push(...body);
      const bottom = body.reduce((low, panel) => Math.max(low, panel.gridPos.y + panel.gridPos.h), offset + height);
      offset = bottom;
    }
  }
  return compact(placed);
}

interface Section {
  row: PanelModel | null;
  panels: PanelModel[];
}

/** Each row with the panels that belong to it; what stands before the first row has none. */
function sections(panels: readonly PanelModel[]): Section[] {
  const found: Section[] = [{ row: null, panels: [] }];
  for (const panel of panels) {
    if (panel.type === "row") found.push({ row: panel, panels: [...(panel.panels ?? [])] });
    else found[found.length - 1]!.panels.push(panel);
  }
  return found.filter((section) => section.row || section.panels.length);
}

/** The highest edge of a section's panels: they are moved up to their header. */
function sectionTop(section: Section): number {
  if (section.panels.length === 0) return 0;
  const top = Math.min(...section.panels.map((panel) => panel.gridPos.y));
  return section.row ? top : 0;
}

function valuesOf(name: string, scope: Scope): string[] {
  const variable = scope.get(name);
  if (variable === undefined) return [];
  if (typeof variable === "string") return [variable];
  return chosenValues(variable).filter((value) => value !== ALL);
}

function repeatRow(section: Section, scope: Scope): Section[] {
  const { row } = section;
  if (!row?.repeat) return [section];
  return valuesOf(row.repeat, scope).map((value) => {
    const scoped = (panel: PanelModel): PanelModel => ({
      ...panel,
      key: `${panel.key ?? panel.id}/${value}`,
      scopedVars: { ...panel.scopedVars, [row.repeat!]: value },
    });
    return { row: scoped(row), panels: section.panels.map(scoped) };
  });
}

/** Copies of repeated panels; what lies below is pushed down by as much as they need. */
function repeatPanels(panels: readonly PanelModel[], scope: Scope): PanelModel[] {
  const sorted = [...panels].sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x);
  const out: PanelModel[] = [];
  let pushed = 0;
  for (const panel of sorted) {
    const own = shift(panel, pushed);
    const values = panel.repeat ? valuesOf(panel.repeat, scope) : [];
    if (!panel.repeat || values.length === 0) {
      if (!panel.repeat) out.push(own);
      continue;
    }
    const perRow = Math.min(values.length, panel.maxPerRow ?? MAX_PER_ROW);
    const down = panel.repeatDirection === "v";
    const width = down ? own.gridPos.w : Math.floor(COLUMNS / perRow);
    values.forEach((value, index) => {
      const gridPos: GridPos = down
        ? { ...own.gridPos, y: own.gridPos.y + index * own.gridPos.h }
        : { x: (index % perRow) * width, y: own.gridPos.y + Math.floor(index / perRow) * own.gridPos.h, w: width, h: own.gridPos.h };
      out.push({ ...own, gridPos, key: `${panel.key ?? panel.id}:${value}`, scopedVars: { ...panel.scopedVars, [panel.repeat!]: value } });
    });
    const lines = down ? values.length : Math.ceil(values.length / perRow);
    pushed += (lines - 1) * own.gridPos.h;
  }
  return out;
}

function shift(panel: PanelModel, by: number): PanelModel {
  return by === 0 ? panel : { ...panel, gridPos: { ...panel.gridPos, y: panel.gridPos.y + by } };
}

/** Moves every panel up as far as nothing is in its way. */
export function compact(panels: readonly PanelModel[]): PanelModel[] {
  const skyline = new Array<number>(COLUMNS).fill(0);
  return [...panels]
    .sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x)
    .map((panel) => {
      const { x, w, h } = panel.gridPos;
      const columns = Array.from({ length: Math.min(w, COLUMNS - x) }, (_, i) => x + i);
      const y = panel.type === "row" ? Math.max(...skyline) : Math.max(0, ...columns.map((column) => skyline[column]!));
      for (const column of panel.type === "row" ? skyline.keys() : columns) skyline[column] = y + h;
      return { ...panel, gridPos: { x, y, w, h } };
    });
}
