/** The dashboard document, as this role serves it: complete, every panel with type, place and source. */

import type { FieldConfigSource, DataLink } from "../model/field/types";
import type { VariableModel } from "../model/variables/types";

export interface SourceRef {
  type?: string;
  uid?: string;
}

export interface TargetModel {
  refId: string;
  expr?: string;
  legendFormat?: string;
  instant?: boolean;
  range?: boolean;
  format?: "time_series" | "table" | "heatmap";
  interval?: string;
  intervalFactor?: number;
  hide?: boolean;
  datasource?: SourceRef;
  queryType?: string;
  maxLines?: number;
  direction?: "backward" | "forward";
  step?: string | number;
  resolution?: number;
}

export interface Transformation {
  id: string;
  options?: unknown;
  disabled?: boolean;
  filter?: { id: string; options?: unknown };
}

export interface GridPos {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface PanelModel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: GridPos;
  datasource?: SourceRef;
  targets?: TargetModel[];
  fieldConfig: FieldConfigSource;
  options: Record<string, unknown>;
  transformations?: Transformation[];
  transparent?: boolean;
  interval?: string;
  maxDataPoints?: number | null;
  timeFrom?: string | null;
  timeShift?: string | null;
  hideTimeOverride?: boolean;
  repeat?: string;
  repeatDirection?: "h" | "v";
  maxPerRow?: number;
  links?: DataLink[];
  collapsed?: boolean;
  panels?: PanelModel[];
  /** Set on the copies that a repeat makes: the variable's value for this copy. */
  scopedVars?: Record<string, string>;
  /** Stays the same while the choice of values changes. */
  key?: string;
}

export interface DashboardLink {
  type: "link" | "dashboards";
  title?: string;
  url?: string;
  tooltip?: string;
  tags?: string[];
  asDropdown?: boolean;
  keepTime?: boolean;
  includeVars?: boolean;
  targetBlank?: boolean;
}

export interface DashboardModel {
  uid: string;
  title: string;
  description?: string;
  tags: string[];
  panels: PanelModel[];
  templating: { list: VariableModel[] };
  time: { from: string; to: string };
  refresh: string;
  graphTooltip: number;
  links?: DashboardLink[];
}
