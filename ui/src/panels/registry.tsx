/** Which component draws which type. What brings a library of its own is loaded when a dashboard uses it. */

import { TimeSeriesPanel } from "./timeseries";
import type { PanelComponent } from "./types";
import { UnknownPanel } from "./unknown";

const COMPONENTS: Record<string, PanelComponent> = {
  timeseries: TimeSeriesPanel,
};

export function panelComponent(type: string): PanelComponent {
  return COMPONENTS[type] ?? UnknownPanel;
}

/** Whether panels of this type show something without a query. */
export function needsNoData(type: string): boolean {
  return type === "text" || type === "dashlist" || type === "alertlist" || type === "news";
}
