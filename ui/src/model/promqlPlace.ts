/** Places in a query that messages name: `1:12: parse error: …`, `… (1:12)`. Columns count bytes from 1. */

export interface Place {
  /** The line of the query, cut around the place. */
  before: string;
  at: string;
  after: string;
}

const ERROR = /\b(\d+):(\d+): parse error: /;
const ANNOTATION = /\((\d+):(\d+)\)$/;

/** Where `message` points to in `query`, or null when it names no place. */
export function placeOf(message: string, query: string): Place | null {
  const found = ERROR.exec(message) ?? ANNOTATION.exec(message);
  const line = found && query.split("\n")[Number(found[1]) - 1];
  if (!found || line === null || line === undefined) return null;
  const at = characterAt(line, Number(found[2]) - 1);
  if (at > line.length) return null;
  const rest = line.slice(at);
  const word = /^(?:[\p{L}\p{N}_:]+|.)?/u.exec(rest)![0];
  return { before: line.slice(0, at), at: word, after: rest.slice(word.length) };
}

/** What the message says without its place and its kind: those are shown otherwise. */
export function wordsOf(message: string): string {
  return message
    .replace(/^invalid parameter "query": /, "")
    .replace(ERROR, "")
    .replace(/^PromQL (warning|info): /, "")
    .replace(ANNOTATION, "")
    .trim();
}

function characterAt(line: string, bytes: number): number {
  const encoder = new TextEncoder();
  let at = 0;
  let passed = 0;
  for (const char of line) {
    if (passed >= bytes) return at;
    passed += encoder.encode(char).length;
    at += char.length;
  }
  return passed >= bytes ? at : line.length + 1;
}
