/** Asks a server, again and again if wanted; keeps the last answer while a new one is under way. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { isAbort, messageOf } from "../api/http";

export interface Remote<T> {
  data: T | null;
  error: string | null;
  loading: boolean;
  reload: () => void;
}

export function useRemote<T>(load: (signal: AbortSignal) => Promise<T>, deps: readonly unknown[], everyMs = 0): Remote<T> {
  const [state, setState] = useState<Omit<Remote<T>, "reload">>({ data: null, error: null, loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    const control = new AbortController();
    setState((old) => ({ ...old, loading: true }));
    latest.current(control.signal).then(
      (data) => setState({ data, error: null, loading: false }),
      (error: unknown) => {
        if (!isAbort(error) && !control.signal.aborted) setState((old) => ({ ...old, error: messageOf(error), loading: false }));
      },
    );
    return () => control.abort();
  }, [...deps, turn]);

  useEffect(() => {
    if (!everyMs) return;
    const timer = setInterval(() => {
      if (!document.hidden) setTurn((old) => old + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);

  return { ...state, reload: useCallback(() => setTurn((old) => old + 1), []) };
}
