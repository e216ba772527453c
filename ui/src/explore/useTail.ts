/** A live tail: a websocket that is opened again when it breaks, and the newest lines it brought. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import * as loki from "../api/loki";
import { logLines, type LogLine } from "../model/frames/loki";

const KEEP = 2000;
const LOOK_BACK_MS = 60_000;
const REDRAW_MS = 250;

export interface Tail {
  lines: LogLine[];
  open: boolean;
  error: string | null;
  paused: boolean;
  togglePause: () => void;
  clear: () => void;
}

export function useTail(uid: string, expr: string): Tail {
  const [lines, setLines] = useState<LogLine[]>([]);
  const [open, setOpen] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [paused, setPaused] = useState(false);
  const waiting = useRef<LogLine[]>([]);
  const held = useRef(paused);
  held.current = paused;

  useEffect(() => {
    setLines([]);
    setError(null);
    if (!expr) return;
    let socket: WebSocket | null = null;
    let gone = false;
    let failures = 0;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let count = 0;
    let since = Date.now() - LOOK_BACK_MS;

    const connect = () => {
      socket = loki.tail(uid, expr, since, 200);
      socket.onopen = () => {
        failures = 0;
        setOpen(true);
        setError(null);
      };
      socket.onmessage = (event) => {
        const { streams } = JSON.parse(String(event.data)) as { streams?: loki.LogStream[] };
        for (const line of logLines(streams ?? [], true)) {
          waiting.current.push({ ...line, key: `t${count++}` });
          since = Math.max(since, line.ms + 1);
        }
      };
      socket.onclose = (event) => {
        setOpen(false);
        if (gone) return;
        failures += 1;
        setError(event.reason || (failures > 1 ? "The tail broke off; trying again." : null));
        retry = setTimeout(connect, Math.min(15_000, 500 * 2 ** failures));
      };
    };
    connect();
    const timer = setInterval(() => {
      if (held.current || waiting.current.length === 0) return;
      const fresh = waiting.current;
      waiting.current = [];
      setLines((old) => [...old, ...fresh].slice(-KEEP));
    }, REDRAW_MS);
    return () => {
      gone = true;
      clearInterval(timer);
      clearTimeout(retry);
      socket?.close();
      waiting.current = [];
      setOpen(false);
    };
  }, [uid, expr]);

  return {
    lines,
    open,
    error,
    paused,
    togglePause: useCallback(() => setPaused((old) => !old), []),
    clear: useCallback(() => setLines([]), []),
  };
}
