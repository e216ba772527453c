/** A long list of rows of one height: only those on screen exist. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface Props {
  count: number;
  rowHeight: number;
  height: number;
  children: (index: number) => ComponentChildren;
}

const SPARE = 6;

export function VirtualRows({ count, rowHeight, height, children }: Props) {
  const [top, setTop] = useState(0);
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + SPARE);
  return (
    <div class="virtual" style={{ height: `${height}px` }} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
      <div style={{ height: `${count * rowHeight}px`, position: "relative" }}>
        <div style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {Array.from({ length: Math.max(0, last - first) }, (_, i) => children(first + i))}
        </div>
      </div>
    </div>
  );
}
