/** How alerts read. */

type Labels = Record<string, string>;

/** The sentence that says what is wrong: its summary, else its description, else its labels. */
export function alertTitle(alert: { labels: Labels; annotations: Labels }): string {
  const { annotations, labels } = alert;
  return annotations.summary || annotations.title || annotations.description || annotations.message || labelText(labels);
}

/** The labels without the name, in order: `instance="a", job="b"`. */
export function labelText(labels: Labels): string {
  return Object.entries(labels)
    .filter(([name]) => name !== "alertname")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${value}"`)
    .join(", ");
}

const RANK: Record<string, number> = { page: 0, critical: 0, error: 1, warning: 2, info: 3 };

/** Worse first, then by name. */
export function bySeverity(a: Labels, b: Labels): number {
  const rank = (labels: Labels) => RANK[labels.severity ?? ""] ?? 4;
  return rank(a) - rank(b) || (a.alertname ?? "").localeCompare(b.alertname ?? "");
}
