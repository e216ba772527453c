/** Which component draws which type. What brings a library of its own is loaded when a dashboard uses it. */

import { lazy } from "../components/lazy";
import { BarGaugePanel } from "./bargauge";
import { GaugePanel } from "./gauge";
import { StatPanel } from "./stat";
import { TimeSeriesPanel } from "./timeseries";
import type { PanelComponent, PanelProps } from "./types";
import { UnknownPanel } from "./unknown";

const TablePanel = lazy<PanelProps>(() => import("./table"));

const COMPONENTS: Record<string, PanelComponent> = {
  timeseries: TimeSeriesPanel,
  stat: StatPanel,
  gauge: GaugePanel,
  bargauge: BarGaugePanel,
  table: TablePanel as PanelComponent,
  text: lazy<PanelProps>(() => import("./text")) as PanelComponent,
  logs: lazy<PanelProps>(() => import("./logs")) as PanelComponent,
  piechart: lazy<PanelProps>(() => import("./piechart")) as PanelComponent,
  alertlist: lazy<PanelProps>(() => import("./alertlist")) as PanelComponent,
  dashlist: lazy<PanelProps>(() => import("./dashlist")) as PanelComponent,
};

export function panelComponent(type: string): PanelComponent {
  return COMPONENTS[type] ?? UnknownPanel;
}

/** Whether panels of this type show something without a query. */
export function needsNoData(type: string): boolean {
  return type === "text" || type === "dashlist" || type === "alertlist" || type === "news";
}
