/** The time range of a page: written in the address, moved on by refreshes. */

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { parseDuration } from "../model/time/duration";
import { DEFAULT_RANGE, resolveOrDefault, type RawRange, type TimeRange } from "../model/time/range";
import { params, setParams } from "../router";

export interface PageTime {
  range: TimeRange;
  refresh: string;
  setRange: (raw: RawRange) => void;
  setRefresh: (interval: string) => void;
  /** Asks everything again: relative ranges move on to now. */
  again: () => void;
}

export function usePageTime(fallback: RawRange = DEFAULT_RANGE, fallbackRefresh = ""): PageTime {
  const query = params.value;
  const from = query.get("from") ?? fallback.from;
  const to = query.get("to") ?? fallback.to;
  const refresh = query.has("refresh") ? query.get("refresh")!.replace("off", "") : fallbackRefresh;
  const [turn, setTurn] = useState(0);
  const range = useMemo(() => resolveOrDefault({ from, to }, Date.now()), [from, to, turn]);
  const again = useCallback(() => setTurn((old) => old + 1), []);

  useEffect(() => {
    const every = refresh ? parseDuration(refresh) : null;
    if (!every) return;
    const timer = setInterval(() => {
      if (!document.hidden) again();
    }, Math.max(1000, every));
    return () => clearInterval(timer);
  }, [refresh]);

  return {
    range,
    refresh,
    again,
    setRange: useCallback((raw: RawRange) => setParams({ from: raw.from, to: raw.to }), []),
    setRefresh: useCallback((interval: string) => setParams({ refresh: interval || "off" }, { replace: true }), []),
  };
}
