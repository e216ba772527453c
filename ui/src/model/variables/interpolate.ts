/** `$name`, `${name}`, `${name:format}` and `[[name]]` filled in. */

import { formatDate } from "../units/date";
import { ALL, chosenValues, isMulti, type Variable } from "./types";

/** What a reference may mean: a dashboard's variable, or a value that the query brings along. */
export type Scope = ReadonlyMap<string, Variable | string>;

/** How values are written where no format is named: into a query they are escaped, elsewhere they are listed. */
export type Target = "query" | "text";

const REFERENCE = /\$(\w+)|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}|\[\[(\w+?)(?::(\w+))?\]\]/g;

/** `text` with every known reference replaced; unknown ones stay as they are. */
export function interpolate(text: string, scope: Scope, target: Target): string {
  if (!text.includes("$") && !text.includes("[[")) return text;
  return text.replace(REFERENCE, (whole, plain, braced, _field, format, bracketed, oldFormat) => {
    const found = scope.get((plain ?? braced ?? bracketed) as string);
    if (found === undefined) return whole;
    const wanted = (format ?? oldFormat) as string | undefined;
    if (typeof found === "string") return wanted ? formatValues([found], wanted, found, "") : found;
    return writeVariable(found, wanted, target, scope);
  });
}

function writeVariable(variable: Variable, format: string | undefined, target: Target, scope: Scope): string {
  const { model } = variable;
  if (variable.value.includes(ALL) && model.allValue && format !== "text" && format !== "queryparam") {
    const narrower = new Map(scope);
    narrower.delete(model.name);
    return interpolate(model.allValue, narrower, target);
  }
  const values = chosenValues(variable);
  if (format) return formatValues(values, format, variable.text, model.name);
  if (target === "text") return values.length === 1 ? values[0]! : variable.text || values.join(" + ");
  if (model.type === "query" || model.type === "custom") {
    if (isMulti(variable)) return regexValues(values.map(escapeInQuotes));
    return (values[0] ?? "").replace(/\\/g, "\\\\").replace(/"/g, '\\"');
  }
  return values.length === 1 ? values[0]! : regexValues(values.map(escapeInQuotes));
}

const REGEX_SPECIAL = /[\\^$*+?.()|[\]{}/]/g;

function escapeRegex(value: string): string {
  return value.replace(REGEX_SPECIAL, "\\$&");
}

/** For a regular expression inside a quoted string: both layers are escaped. */
function escapeInQuotes(value: string): string {
  return value.replace(/[\\^$*+?.()|[\]{}]/g, "\\\\$&").replace(/"/g, '\\"');
}

function regexValues(values: string[]): string {
  return values.length === 1 ? values[0]! : `(${values.join("|")})`;
}

function formatValues(values: string[], format: string, text: string, name: string): string {
  const [kind, ...args] = format.split(":");
  const arg = args.join(":");
  switch (kind) {
    case "raw":
    case "csv":
      return values.join(",");
    case "join":
      return values.join(arg || ",");
    case "pipe":
      return values.join("|");
    case "regex":
      return regexValues(values.map(escapeRegex));
    case "json":
      return JSON.stringify(values.length === 1 ? values[0] : values);
    case "text":
      return text || values.join(" + ");
    case "singlequote":
      return values.map((v) => `'${v.replace(/'/g, "\\'")}'`).join(",");
    case "doublequote":
      return values.map((v) => `"${v.replace(/"/g, '\\"')}"`).join(",");
    case "sqlstring":
      return values.map((v) => `'${v.replace(/'/g, "''")}'`).join(",");
    case "percentencode":
    case "uriencode":
      return encodeURIComponent(values.length === 1 ? values[0]! : `{${values.join(",")}}`);
    case "queryparam":
      return values.map((v) => `var-${encodeURIComponent(name)}=${encodeURIComponent(v)}`).join("&");
    case "html":
      return values.map((v) => v.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")).join(", ");
    case "lucene":
      return values.length === 1 ? values[0]! : `(${values.map((v) => `"${v}"`).join(" OR ")})`;
    case "date": {
      const ms = Number(values[0]);
      if (!arg || arg === "iso") return new Date(ms).toISOString();
      return arg === "seconds" ? String(Math.round(ms / 1000)) : formatDate(ms, arg);
    }
    default:
      return values.length === 1 ? values[0]! : `{${values.join(",")}}`;
  }
}

/** The names of variables that `text` mentions. */
export function references(text: string): Set<string> {
  return new Set([...text.matchAll(REFERENCE)].map((found) => found[1] ?? found[2] ?? found[5] ?? ""));
}
