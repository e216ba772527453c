/** Silences: what they match, and how a new one is put together. */

import type { Matcher, NewSilence, Silence } from "../api/alertmanager";

type Labels = Readonly<Record<string, string>>;

export const SILENCE_TIMES: { label: string; hours: number }[] = [
  { label: "1 hour", hours: 1 },
  { label: "2 hours", hours: 2 },
  { label: "8 hours", hours: 8 },
  { label: "1 day", hours: 24 },
  { label: "1 week", hours: 168 },
];

/** `name="value"`, with the operator that the flags stand for. */
export function matcherText(matcher: Matcher): string {
  const equal = matcher.isEqual ?? true;
  const op = matcher.isRegex ? (equal ? "=~" : "!~") : equal ? "=" : "!=";
  return `${matcher.name}${op}"${matcher.value}"`;
}

export function matches(matcher: Matcher, labels: Labels): boolean {
  const value = labels[matcher.name] ?? "";
  let hit = value === matcher.value;
  if (matcher.isRegex) {
    try {
      hit = new RegExp(`^(?:${matcher.value})$`).test(value);
    } catch {
      return false;
    }
  }
  return hit === (matcher.isEqual ?? true);
}

/** A silence for exactly these labels. */
export function silenceFor(labels: Labels, hours: number, now: number, by: string, comment: string): NewSilence {
  return {
    matchers: Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => ({ name, value, isRegex: false, isEqual: true })),
    startsAt: new Date(now).toISOString(),
    endsAt: new Date(now + hours * 3_600_000).toISOString(),
    createdBy: by,
    comment,
  };
}

/** Running ones first, those that end soonest on top; then planned ones; then past ones, latest first. */
export function sortSilences(silences: readonly Silence[]): Silence[] {
  const rank = { active: 0, pending: 1, expired: 2 };
  return [...silences].sort((a, b) => {
    const order = rank[a.status.state] - rank[b.status.state];
    if (order) return order;
    return a.status.state === "expired" ? b.endsAt.localeCompare(a.endsAt) : a.endsAt.localeCompare(b.endsAt);
  });
}
