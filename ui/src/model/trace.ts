/** What each operator of a query did: the tree that `trace=1` brings, as rows of a picture. */

export interface OperatorTrace {
  operator: string;
  text: string;
  parameters: Record<string, unknown>;
  /** What the planner decided, in words. */
  notes: string[];
  calls: number;
  reused: boolean;
  ownSeconds: number;
  totalSeconds: number;
  /** Of all threads, in batches. */
  busySeconds: number;
  indexSeconds: number;
  readSeconds: number;
  batches: number;
  seriesIn: number;
  seriesOut: number;
  steps: number;
  samplesRead: number;
  peakSamples: number;
  children: OperatorTrace[];
}

export interface QueryTrace {
  parseSeconds: number;
  planSeconds: number;
  evalSeconds: number;
  seriesRead: number;
  samplesRead: number;
  peakSamples: number;
  plan: OperatorTrace;
}

export interface TraceRow {
  node: OperatorTrace;
  key: string;
  depth: number;
  /** For each level above: whether a line goes on beneath this row. */
  guides: boolean[];
  last: boolean;
  /** Parts of the time of all operators, 0 to 1. */
  own: number;
  total: number;
  /** Nothing took longer by itself. */
  slowest: boolean;
  marks: string[];
}

/** Below this part of the whole, being the slowest means nothing. */
const WORTH_NAMING = 0.2;

export function traceRows(trace: QueryTrace): TraceRow[] {
  const whole = Math.max(trace.plan.totalSeconds, 1e-9);
  const rows: TraceRow[] = [];
  const visit = (node: OperatorTrace, key: string, guides: boolean[], last: boolean) => {
    rows.push({
      node,
      key,
      depth: guides.length,
      guides,
      last,
      own: Math.min(1, node.ownSeconds / whole),
      total: Math.min(1, node.totalSeconds / whole),
      slowest: false,
      marks: marksOf(node),
    });
    const beneath = key === "0" ? [] : [...guides, !last];
    node.children.forEach((child, index) => visit(child, `${key}.${index}`, key === "0" ? [false] : beneath, index === node.children.length - 1));
  };
  visit(trace.plan, "0", [], true);
  const slowest = rows.reduce((most, row) => (row.own > most.own ? row : most));
  slowest.slowest = rows.length > 1 && slowest.own >= WORTH_NAMING;
  return rows;
}

/** A few words that tell at a glance how the operator worked. */
function marksOf(node: OperatorTrace): string[] {
  const marks: string[] = [];
  if (node.reused) marks.push("reused");
  if (node.notes.some((note) => note.startsWith("fused"))) marks.push("fused");
  if (node.operator === "once") marks.push("once");
  const threads = node.batches > 1 && node.totalSeconds > 0 ? node.busySeconds / node.totalSeconds : 0;
  if (threads >= 1.2) marks.push(`${threads.toFixed(1)} threads`);
  return marks;
}

/** The name of the operator and the rest of its line: `window` and `rate`. */
export function splitText(node: OperatorTrace): [string, string] {
  const rest = node.text.startsWith(node.operator) ? node.text.slice(node.operator.length) : ` ${node.text}`;
  return [node.operator, rest.trim()];
}

/** `250 ms`, `1.25 s`, `31 µs`: three digits, the way a stopwatch is read. */
export function formatSeconds(seconds: number): string {
  if (seconds <= 0) return "0";
  if (seconds >= 1) return `${digits(seconds)} s`;
  if (seconds >= 1e-3) return `${digits(seconds * 1e3)} ms`;
  return `${Math.round(seconds * 1e6)} µs`;
}

function digits(amount: number): string {
  return amount >= 100 ? amount.toFixed(0) : amount >= 10 ? amount.toFixed(1) : amount.toFixed(2);
}

/** `2,410,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** The tree as text, to be pasted into a message. */
export function traceText(trace: QueryTrace): string {
  return traceRows(trace)
    .map(({ node, depth }) => {
      const facts = node.calls ? `own ${formatSeconds(node.ownSeconds)}, total ${formatSeconds(node.totalSeconds)}, series ${formatCount(node.seriesIn)} to ${formatCount(node.seriesOut)}` : "not run";
      const samples = node.samplesRead ? `, ${formatCount(node.samplesRead)} samples` : "";
      return `${"  ".repeat(depth)}${node.text}  (${facts}${samples})`;
    })
    .join("\n");
}
