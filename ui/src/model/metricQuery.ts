/** The query with which to look at a metric first: counters as rates, histograms as a quantile. */
export function queryFor(name: string, type: string | undefined): string {
  if (name.endsWith("_bucket")) return `histogram_quantile(0.95, sum by (le) (rate(${name}[$__rate_interval])))`;
  const counter = type === "counter" || name.endsWith("_total") || ((type === "histogram" || type === "summary") && /_(sum|count)$/.test(name));
  return counter ? `rate(${name}[$__rate_interval])` : name;
}
