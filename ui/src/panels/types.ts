/** What a panel component is given. */

import type { FunctionComponent } from "preact";
import type { PanelData } from "../dashboard/query";
import type { PanelModel } from "../dashboard/types";
import type { TimeRange } from "../model/time/range";
import type { Scope } from "../model/variables/interpolate";

export interface PanelProps {
  panel: PanelModel;
  /** Frames after transformations and field configuration. */
  data: PanelData;
  width: number;
  height: number;
  range: TimeRange;
  scope: Scope;
  crosshair: number;
  onZoom: (fromMs: number, toMs: number) => void;
}

export type PanelComponent = FunctionComponent<PanelProps>;
