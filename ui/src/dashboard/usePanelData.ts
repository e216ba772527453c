/** A panel's data: asked when it is on screen and something changed, the old kept until the new is there. */

import { useEffect, useRef, useState } from "preact/hooks";
import { isAbort, messageOf } from "../api/http";
import { interpolate, type Scope } from "../model/variables/interpolate";
import type { Variable } from "../model/variables/types";
import { runPanel, type PanelData } from "./query";
import type { Runtime } from "./runtime";
import type { PanelModel } from "./types";

export interface PanelState {
  data: PanelData | null;
  loading: boolean;
}

export function usePanelData(panel: PanelModel, runtime: Runtime, width: number, visible: boolean): PanelState {
  const [state, setState] = useState<PanelState>({ data: null, loading: true });
  const asked = useRef("");
  // A few pixels more or less are not worth asking again.
  const points = Math.max(100, Math.round(width / 50) * 50);
  const scope = panelScope(panel, runtime.scope);
  const question = JSON.stringify([
    panel.id,
    panel.key,
    runtime.range.fromMs,
    runtime.range.toMs,
    points,
    [...new Set((panel.targets ?? []).map((target) => interpolate(target.expr ?? "", scope, "query")))],
    (panel.targets ?? []).map((target) => interpolate(target.datasource?.uid ?? "", scope, "text")),
  ]);

  useEffect(() => {
    if (!visible || width === 0 || asked.current === question) return;
    const control = new AbortController();
    const before = asked.current;
    asked.current = question;
    let finished = false;
    setState((old) => ({ ...old, loading: true }));
    runPanel(panel, { range: runtime.range, width: points, scope, sources: runtime.sources, signal: control.signal }).then(
      (data) => {
        finished = true;
        setState({ data, loading: false });
      },
      (error: unknown) => {
        if (isAbort(error)) return;
        finished = true;
        setState({ data: { frames: [], notices: [], range: runtime.range, error: { message: messageOf(error) } }, loading: false });
      },
    );
    return () => {
      if (finished) return;
      control.abort();
      asked.current = before;
    };
  }, [question, visible, width > 0]);

  return state;
}

/** The dashboard's variables, with the one value that a repeated copy stands for. */
export function panelScope(panel: PanelModel, scope: Scope): Scope {
  if (!panel.scopedVars) return scope;
  const own = new Map<string, Variable | string>(scope);
  for (const [name, value] of Object.entries(panel.scopedVars)) {
    const variable = scope.get(name);
    if (variable && typeof variable !== "string") {
      const text = variable.options.find((option) => option.value === value)?.text ?? value;
      own.set(name, { ...variable, value: [value], text });
    } else own.set(name, value);
  }
  return own;
}
