/** What every panel of a shown dashboard shares. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { DataSourceInfo } from "../api/vedette";
import type { TimeRange } from "../model/time/range";
import type { Scope } from "../model/variables/interpolate";

export interface Runtime {
  range: TimeRange;
  scope: Scope;
  sources: readonly DataSourceInfo[];
  /** 0 own tooltip, 1 shared crosshair, 2 shared tooltip. */
  crosshair: number;
  onZoom: (fromMs: number, toMs: number) => void;
}

export const RuntimeContext = createContext<Runtime | null>(null);

export function useRuntime(): Runtime {
  const runtime = useContext(RuntimeContext);
  if (!runtime) throw new Error("no dashboard around this panel");
  return runtime;
}
