/** One number for a column: the calcs of legends, stats and the reduce transformation. */

export type Calc = (values: readonly (number | null)[]) => number | null;

const numbers = (values: readonly (number | null)[]): number[] =>
  values.filter((value): value is number => value !== null && !Number.isNaN(value));

const fold =
  (step: (a: number, b: number) => number): Calc =>
  (values) => {
    const found = numbers(values);
    return found.length ? found.reduce((a, b) => step(a, b)) : null;
  };

const sum = fold((a, b) => a + b);
const min = fold(Math.min);
const max = fold(Math.max);
const mean: Calc = (values) => {
  const found = numbers(values);
  return found.length ? found.reduce((a, b) => a + b, 0) / found.length : null;
};
const variance: Calc = (values) => {
  const found = numbers(values);
  if (!found.length) return null;
  const middle = found.reduce((a, b) => a + b, 0) / found.length;
  return found.reduce((a, b) => a + (b - middle) ** 2, 0) / found.length;
};
const firstNotNull: Calc = (values) => numbers(values)[0] ?? null;
const lastNotNull: Calc = (values) => {
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i];
    if (value !== null && value !== undefined && !Number.isNaN(value)) return value;
  }
  return null;
};
const between =
  (first: Calc, second: Calc, combine: (a: number, b: number) => number): Calc =>
  (values) => {
    const a = first(values);
    const b = second(values);
    return a === null || b === null ? null : combine(a, b);
  };

interface CalcInfo {
  id: string;
  title: string;
  run: Calc;
}

const ALL: CalcInfo[] = [
  { id: "lastNotNull", title: "Last *", run: lastNotNull },
  { id: "last", title: "Last", run: (values) => values[values.length - 1] ?? null },
  { id: "firstNotNull", title: "First *", run: firstNotNull },
  { id: "first", title: "First", run: (values) => values[0] ?? null },
  { id: "min", title: "Min", run: min },
  { id: "max", title: "Max", run: max },
  { id: "mean", title: "Mean", run: mean },
  { id: "sum", title: "Total", run: sum },
  { id: "count", title: "Count", run: (values) => values.length },
  { id: "range", title: "Range", run: between(min, max, (a, b) => b - a) },
  { id: "diff", title: "Difference", run: between(firstNotNull, lastNotNull, (a, b) => b - a) },
  { id: "diffperc", title: "Difference percent", run: between(firstNotNull, lastNotNull, (a, b) => (b - a) / a) },
  { id: "delta", title: "Delta", run: delta },
  { id: "variance", title: "Variance", run: variance },
  { id: "stdDev", title: "StdDev", run: (values) => root(variance(values)) },
  { id: "distinctCount", title: "Distinct Count", run: (values) => new Set(values).size },
  { id: "changeCount", title: "Change Count", run: changes },
  { id: "allIsNull", title: "All nulls", run: (values) => Number(numbers(values).length === 0) },
  { id: "allIsZero", title: "All zeros", run: (values) => Number(values.every((value) => value === 0)) },
  { id: "p50", title: "50th %", run: percentile(0.5) },
  { id: "p90", title: "90th %", run: percentile(0.9) },
  { id: "p95", title: "95th %", run: percentile(0.95) },
  { id: "p99", title: "99th %", run: percentile(0.99) },
];

const BY_ID = new Map(ALL.map((calc) => [calc.id, calc]));
/** Names that older documents use. */
const ALIASES: Record<string, string> = { avg: "mean", current: "lastNotNull", total: "sum" };

function root(value: number | null): number | null {
  return value === null ? null : Math.sqrt(value);
}

/** Growth that survives a counter's reset. */
function delta(values: readonly (number | null)[]): number | null {
  const found = numbers(values);
  let grown = 0;
  for (let i = 1; i < found.length; i++) {
    const step = found[i]! - found[i - 1]!;
    grown += step >= 0 ? step : found[i]!;
  }
  return found.length ? grown : null;
}

function changes(values: readonly (number | null)[]): number {
  let count = 0;
  for (let i = 1; i < values.length; i++) if (values[i] !== values[i - 1]) count += 1;
  return count;
}

function percentile(q: number): Calc {
  return (values) => {
    const sorted = numbers(values).sort((a, b) => a - b);
    return sorted.length ? sorted[Math.floor((sorted.length - 1) * q)]! : null;
  };
}

export function calc(id: string): CalcInfo {
  return BY_ID.get(ALIASES[id] ?? id) ?? BY_ID.get("lastNotNull")!;
}
