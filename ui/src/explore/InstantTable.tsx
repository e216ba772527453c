/** The value of every series at the end of the range. */

import { useMemo, useState } from "preact/hooks";
import { VirtualRows } from "../components/VirtualRows";
import { parseValue, type PromResult } from "../model/frames/prometheus";
import { seriesName } from "../model/frames/names";
import { formatInstant } from "../model/time/range";

interface Row {
  name: string;
  value: string;
  number: number;
}

const ROW_PX = 28;

export function InstantTable({ results, atMs }: { results: { expr: string; result: PromResult }[]; atMs: number }) {
  const [filter, setFilter] = useState("");
  const [sorted, setSorted] = useState<"none" | "desc" | "asc">("none");
  const rows = useMemo(() => results.flatMap(({ expr, result }) => rowsOf(expr, result)), [results]);
  const shown = useMemo(() => {
    const kept = rows.filter((row) => row.name.toLowerCase().includes(filter.toLowerCase()));
    if (sorted === "none") return kept;
    return [...kept].sort((a, b) => (sorted === "desc" ? b.number - a.number : a.number - b.number));
  }, [rows, filter, sorted]);
  return (
    <>
      <div class="card-title">
        <h2>Table</h2>
        <span class="muted">
          {rows.length} {rows.length === 1 ? "row" : "rows"} at {formatInstant(atMs)}
        </span>
        <span class="spacer" />
        {rows.length > 8 && <input class="input is-small" placeholder="Filter series" aria-label="Filter series" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />}
        <button type="button" class="button is-small" onClick={() => setSorted(sorted === "none" ? "desc" : sorted === "desc" ? "asc" : "none")}>
          {sorted === "none" ? "Sort by value" : sorted === "desc" ? "Largest first" : "Smallest first"}
        </button>
      </div>
      <div class="instant">
        <VirtualRows count={shown.length} rowHeight={ROW_PX} height={Math.min(shown.length * ROW_PX, 420)}>
          {(index) => {
            const row = shown[index]!;
            return (
              <div class="instant-row" key={index} style={{ height: `${ROW_PX}px` }}>
                <span class="instant-name is-code" title={row.name}>
                  {row.name}
                </span>
                <span class="number is-code">{row.value}</span>
              </div>
            );
          }}
        </VirtualRows>
      </div>
    </>
  );
}

function rowsOf(expr: string, result: PromResult): Row[] {
  if (result.resultType === "scalar" || result.resultType === "string")
    return [{ name: expr, value: result.result[1], number: parseValue(result.result[1]) }];
  if (result.resultType === "vector")
    return result.result.map((one) => ({ name: seriesName(one.metric) || expr, value: one.value?.[1] ?? "histogram", number: parseValue(one.value?.[1] ?? "NaN") }));
  return result.result.map((one) => {
    const values = one.values ?? [];
    const shown = values.slice(-5).map(([t, value]) => `${value} @ ${formatInstant(t * 1000).slice(11)}`);
    return { name: seriesName(one.metric), value: (values.length > 5 ? "… " : "") + shown.join("  "), number: parseValue(values[values.length - 1]?.[1] ?? "NaN") };
  });
}
