/** What a query variable asks for: Grafana's small language over Prometheus and Loki. */

export type VariableQuery =
  | { kind: "label_names"; match?: string }
  | { kind: "label_values"; label: string; selector?: string }
  | { kind: "metrics"; regex: string }
  | { kind: "query_result"; expr: string }
  | { kind: "series"; selector: string };

interface QueryObject {
  query?: unknown;
  qryType?: number;
  label?: string;
  metric?: string;
  type?: number;
  stream?: string;
}

/** The query's text: documents keep it as a string or inside an object. */
export function queryText(query: unknown, definition?: string): string {
  if (typeof query === "string") return query;
  if (query && typeof query === "object") {
    const object = query as QueryObject;
    if (typeof object.query === "string" && object.query) return object.query;
    if (object.type === 1 && object.label)
      return object.stream ? `label_values(${object.stream}, ${object.label})` : `label_values(${object.label})`;
    if (object.type === 0) return "label_names()";
    if (object.label) return object.metric ? `label_values(${object.metric}, ${object.label})` : `label_values(${object.label})`;
  }
  return definition ?? "";
}

/** The request that `text` stands for. */
export function parseVariableQuery(text: string): VariableQuery {
  const trimmed = text.trim();
  const call = /^(\w+)\(([\s\S]*)\)\s*$/.exec(trimmed);
  const args = call?.[2]?.trim() ?? "";
  switch (call?.[1]) {
    case "label_names":
      return args ? { kind: "label_names", match: args } : { kind: "label_names" };
    case "label_values": {
      const comma = args.lastIndexOf(",");
      const label = args.slice(comma + 1).trim();
      // A comma inside the braces of a selector separates matchers, not the label.
      if (comma < 0 || !/^[\w$:{}.[\]-]+$/.test(label)) return { kind: "label_values", label: args };
      return { kind: "label_values", label, selector: args.slice(0, comma).trim() };
    }
    case "metrics":
      return { kind: "metrics", regex: args };
    case "query_result":
      return { kind: "query_result", expr: args };
    default:
      return { kind: "series", selector: trimmed };
  }
}
