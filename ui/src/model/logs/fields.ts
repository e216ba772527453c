/** The fields of a structured line: JSON or logfmt. */

export interface LineFields {
  format: "json" | "logfmt" | "none";
  fields: [name: string, value: string][];
}

export function lineFields(line: string): LineFields {
  const text = line.trim();
  if (text.startsWith("{")) {
    try {
      const parsed: unknown = JSON.parse(text);
      if (parsed && typeof parsed === "object") return { format: "json", fields: flatten(parsed as Record<string, unknown>) };
    } catch {
      // Not JSON after all.
    }
  }
  const pairs = logfmt(text);
  return pairs.length >= 2 ? { format: "logfmt", fields: pairs } : { format: "none", fields: [] };
}

/** Nested objects as `a_b`, the names that `| json` gives them. */
function flatten(value: Record<string, unknown>, prefix = ""): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    const name = prefix ? `${prefix}_${key}` : key;
    if (inner && typeof inner === "object" && !Array.isArray(inner)) return flatten(inner as Record<string, unknown>, name);
    return [[name, typeof inner === "string" ? inner : JSON.stringify(inner)]];
  });
}

function logfmt(text: string): [string, string][] {
  const found: [string, string][] = [];
  const pattern = /([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|[^\s"]*)/g;
  for (const match of text.matchAll(pattern)) {
    const raw = match[2]!;
    found.push([match[1]!, raw.startsWith('"') ? raw.slice(1, -1).replace(/\\(["\\])/g, "$1") : raw]);
  }
  return found;
}
