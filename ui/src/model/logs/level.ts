/** How grave a line is: said by a label, by a field of the line, or by the line's own words. */

export type Level = "critical" | "error" | "warning" | "info" | "debug" | "trace" | "unknown";

const WORDS: Record<string, Level> = {
  emerg: "critical",
  emergency: "critical",
  fatal: "critical",
  alert: "critical",
  crit: "critical",
  critical: "critical",
  panic: "critical",
  err: "error",
  eror: "error",
  error: "error",
  warn: "warning",
  warning: "warning",
  info: "info",
  information: "info",
  informational: "info",
  notice: "info",
  dbug: "debug",
  debug: "debug",
  trace: "trace",
  trce: "trace",
};

const LABELS = ["detected_level", "level", "lvl", "severity", "loglevel", "log_level"];
const NAMES = "emerg(?:ency)?|fatal|alert|crit(?:ical)?|panic|err(?:or)?|warn(?:ing)?|info(?:rmation(?:al)?)?|notice|debug|trace";
/** A field of the line, or its first word after a time. */
const SAID = new RegExp(`(?:"(?:level|lvl|severity|levelname|log_level)"\\s*:\\s*"?|\\b(?:level|lvl|severity)=["']?|^[\\W\\dTZ]*)(${NAMES})\\b`, "i");
/** A word in capitals or in brackets further on. */
const SHOUTED = new RegExp(`\\b(${NAMES.toUpperCase()})\\b|[[(<](${NAMES})[\\])>]`);

export function levelOf(line: string, labels: Readonly<Record<string, string>>): Level {
  for (const name of LABELS) {
    const found = WORDS[(labels[name] ?? "").toLowerCase()];
    if (found) return found;
  }
  // The beginning says it or nothing does; a long line is not worth searching.
  const start = line.slice(0, 400);
  const shouted = SHOUTED.exec(start);
  const word = SAID.exec(start)?.[1] ?? shouted?.[1] ?? shouted?.[2];
  return word ? (WORDS[word.toLowerCase()] ?? "unknown") : "unknown";
}
