/** LogQL as text: its words for colouring, where the cursor stands for completion, and small edits. */

export type Kind = "function" | "keyword" | "label" | "string" | "number" | "duration" | "operator" | "bracket" | "comment" | "space";

export interface Word {
  kind: Kind;
  text: string;
  from: number;
}

export const PARSERS = ["json", "logfmt", "pattern", "regexp", "unpack"];
export const STAGES = [...PARSERS, "line_format", "label_format", "unwrap", "drop", "keep", "decolorize", "distinct"];
export const RANGE_FUNCTIONS = [
  "rate", "count_over_time", "bytes_rate", "bytes_over_time", "sum_over_time", "avg_over_time", "min_over_time",
  "max_over_time", "first_over_time", "last_over_time", "stdvar_over_time", "stddev_over_time", "quantile_over_time",
  "absent_over_time", "rate_counter",
]; // prettier-ignore
export const AGGREGATIONS = ["sum", "avg", "min", "max", "count", "stddev", "stdvar", "topk", "bottomk", "sort", "sort_desc"];
const KEYWORDS = new Set(["by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset", "and", "or", "unless", "vector", "label_replace", "duration", "bytes", "ip", ...STAGES]);
const FUNCTIONS = new Set([...RANGE_FUNCTIONS, ...AGGREGATIONS]);

const WORD = /\s+|#.*|"(?:[^"\\]|\\.)*"?|`[^`]*`?|\d+(?:\.\d+)?(?:ns|us|µs|ms|[smhdwy]|[KMGT]i?B)(?:\d+(?:ms|[smhdwy]))*|\d+(?:\.\d+)?|[A-Za-z_][\w:.]*|\|=|\|~|!=|!~|=~|==|>=|<=|\|>|!>|[-+*/%^=<>|]|[{}()[\],]|./gu;

/** The words of `text`, blanks included, so that their lengths add up. */
export function words(text: string): Word[] {
  const found: Word[] = [];
  for (const match of text.matchAll(WORD)) found.push({ kind: kindOf(match[0]), text: match[0], from: match.index });
  return found;
}

function kindOf(text: string): Kind {
  if (/^\s/.test(text)) return "space";
  if (text.startsWith("#")) return "comment";
  if (/^["`]/.test(text)) return "string";
  if (/^\d/.test(text)) return /[a-zµ]/i.test(text) ? "duration" : "number";
  if (/^[A-Za-z_]/.test(text)) return FUNCTIONS.has(text) ? "function" : KEYWORDS.has(text) ? "keyword" : "label";
  return /^[{}()[\],]$/.test(text) ? "bracket" : "operator";
}

export type Place =
  | { at: "label-name"; selector: string; from: number }
  | { at: "label-value"; label: string; selector: string; from: number }
  | { at: "stage"; from: number }
  | { at: "field"; selector: string; from: number }
  | { at: "grouping"; selector: string; from: number }
  | { at: "start"; from: number }
  | { at: "none" };

/** Where the cursor stands at the end of `before`, and from where a completion would replace. */
export function placeOf(before: string): Place {
  const all = words(before).filter((word) => word.kind !== "space" || word.from + word.text.length === before.length);
  const last = all[all.length - 1];
  const partial = last && (last.kind === "label" || last.kind === "function" || last.kind === "keyword") ? last : undefined;
  const from = partial ? partial.from : before.length;
  const done = (partial ? all.slice(0, -1) : all).filter((word) => word.kind !== "space");
  const open = openSelector(before);
  if (open) {
    const value = /([A-Za-z_][\w.:]*)\s*(?:=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*))?$/.exec(open);
    if (value) {
      const typed = value[2];
      return { at: "label-value", label: value[1]!, selector: closed(open), from: typed === undefined ? before.length : before.length - typed.length };
    }
    if (/[{,]\s*[A-Za-z_]?[\w.:]*$/.test(open)) return { at: "label-name", selector: closed(open), from };
    return { at: "none" };
  }
  const previous = done[done.length - 1];
  if (last?.kind === "string" || last?.kind === "comment") return { at: "none" };
  if (previous?.text === "|") return { at: "stage", from };
  if (/\b(by|without)\s*\(\s*(?:[\w.]+\s*,\s*)*[\w.]*$/.test(before)) return { at: "grouping", selector: lastSelector(before), from };
  if (previous && PARSERS.includes(previous.text) && partial === undefined) return { at: "none" };
  if (!previous || /^[(+\-*/%^,]$/.test(previous.text)) return { at: "start", from };
  return { at: "none" };
}

/** The selector that is still open at the end of `before`, from its brace. */
function openSelector(before: string): string | null {
  const at = before.lastIndexOf("{");
  if (at < 0) return null;
  const rest = before.slice(at);
  const outside = rest.replace(/"(?:[^"\\]|\\.)*"/g, "");
  return outside.includes("}") ? null : rest;
}

/** The matchers before the one being written, as a selector of their own. */
function closed(open: string): string {
  const whole = [...open.matchAll(/([A-Za-z_][\w.:]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g)].map((m) => `${m[1]}${m[2]}"${m[3]}"`);
  return whole.length ? `{${whole.join(", ")}}` : "";
}

function lastSelector(text: string): string {
  return [...text.matchAll(/\{[^}]*\}/g)].pop()?.[0] ?? "";
}

/** The first selector of a query, braces included. */
export function selectorOf(expr: string): string {
  return /\{(?:[^}"]|"(?:[^"\\]|\\.)*")*\}/.exec(expr)?.[0] ?? "";
}

const quoted = (value: string) => `"${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;

/** The query with one more matcher; a contrary one on the same label gives way. */
export function addMatcher(expr: string, name: string, value: string, op: "=" | "!="): string {
  const selector = selectorOf(expr);
  const matcher = `${name}${op}${quoted(value)}`;
  if (!selector) return `{${matcher}} ${expr}`.trim();
  const inner = selector.slice(1, -1).trim();
  const kept = splitMatchers(inner).filter((one) => {
    const same = new RegExp(`^${name}\\s*(=~|!~|!=|=)`).exec(one);
    return !same || (op === "!=" && same[1] !== "=" && one.replace(/\s/g, "") !== matcher);
  });
  return expr.replace(selector, () => `{${[...kept, matcher].join(", ")}}`);
}

function splitMatchers(inner: string): string[] {
  return [...inner.matchAll(/[A-Za-z_][\w.:]*\s*(?:=~|!~|!=|=)\s*(?:"(?:[^"\\]|\\.)*"|`[^`]*`)/g)].map((match) => match[0]);
}

/** The query narrowed by a field of the line: the parser is added when the query has none. */
export function addFieldFilter(expr: string, parser: "json" | "logfmt", name: string, value: string, op: "=" | "!="): string {
  const parsed = new RegExp(`\\|\\s*(${PARSERS.join("|")})\\b`).test(expr);
  const field = name.replace(/[^A-Za-z0-9_]/g, "_");
  return `${expr.trim()}${parsed ? "" : ` | ${parser}`} | ${field}${op}${quoted(value)}`;
}

/** The query that counts the lines of a log query by level, for the histogram above them. */
export function volumeQuery(expr: string, step: string): string {
  return `sum by (level, detected_level) (count_over_time(${expr} [${step}]))`;
}
