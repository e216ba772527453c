/** The crosshair: what it points at, shared between the charts of a page. */

import { signal } from "@preact/signals";
import type uPlot from "uplot";

/** The instant under the pointer (seconds) and the chart it is in; null when it is in none. */
export const pointed = signal<{ seconds: number; owner: string } | null>(null);

/** The values at the pointer, for the tooltip. */
export interface Hover {
  index: number;
  left: number;
  top: number;
  /** The series nearest to the pointer, or -1. */
  nearest: number;
}

export interface CursorOptions {
  id: string;
  shared: boolean;
  onHover: (hover: Hover | null) => void;
  onSelect: (fromMs: number, toMs: number) => void;
}

const NEAR_PX = 40;

/** Cursor settings: drag across to zoom, double click is left to the page. */
export function cursorSettings(): uPlot.Cursor {
  return {
    drag: { x: true, y: false, setScale: false, dist: 8 },
    points: { size: 7, width: 2, show: true },
    focus: { prox: NEAR_PX },
    bind: { dblclick: () => null },
  };
}

export function cursorPlugin(options: CursorOptions): uPlot.Plugin {
  let inside = false;
  let nearest = -1;
  let stop: (() => void) | null = null;
  return {
    hooks: {
      ready: [
        (u) => {
          u.over.addEventListener("mouseenter", () => {
            inside = true;
          });
          u.over.addEventListener("mouseleave", () => {
            inside = false;
            options.onHover(null);
            if (pointed.peek()?.owner === options.id) pointed.value = null;
          });
          if (options.shared) stop = pointed.subscribe((point) => follow(u, point, options.id));
        },
      ],
      setSeries: [
        (_, index) => {
          nearest = index === null ? -1 : index - 1;
        },
      ],
      setCursor: [
        (u) => {
          if (!inside) return;
          const { idx, left, top } = u.cursor;
          if (idx === null || idx === undefined || left === undefined || left < 0) {
            options.onHover(null);
            return;
          }
          pointed.value = { seconds: u.posToVal(left, "x"), owner: options.id };
          options.onHover({ index: idx, left, top: top ?? 0, nearest });
        },
      ],
      setSelect: [
        (u) => {
          const { left, width } = u.select;
          if (width > 2) options.onSelect(u.posToVal(left, "x") * 1000, u.posToVal(left + width, "x") * 1000);
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      destroy: [() => stop?.()],
    },
  };
}

/** Moves this chart's line to where the pointer is in another one. */
function follow(u: uPlot, point: { seconds: number; owner: string } | null, id: string): void {
  if (point?.owner === id) return;
  const { min, max } = u.scales.x ?? {};
  if (!point || min == null || max == null || point.seconds < min || point.seconds > max) {
    if ((u.cursor.left ?? -10) >= 0) u.setCursor({ left: -10, top: -10 }, false);
    return;
  }
  u.setCursor({ left: u.valToPos(point.seconds, "x"), top: -10 }, false);
}
