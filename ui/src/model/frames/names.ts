/** What a series is called. */

import type { Field, Frame } from "./types";

type Labels = Record<string, string>;

/** `name{a="b", c="d"}`, as Prometheus writes a series. */
export function seriesName(labels: Labels): string {
  const { __name__: name = "", ...rest } = labels;
  const inner = Object.entries(rest)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}="${value}"`)
    .join(", ");
  return inner || !name ? `${name}{${inner}}` : name;
}

/** `{{label}}` filled in; a label that is not there leaves nothing. */
export function fillLegend(format: string, labels: Labels): string {
  return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, label: string) => labels[label] ?? "");
}

/** The names of one query's series. `legendFormat` decides; `__auto` tells them apart as shortly as it can. */
export function nameSeries(all: readonly Labels[], legendFormat: string | undefined, expr: string): string[] {
  if (legendFormat && legendFormat !== "__auto") return all.map((labels) => fillLegend(legendFormat, labels));
  if (legendFormat === "__auto") return autoNames(all, expr);
  return all.map((labels) => (Object.keys(labels).length ? seriesName(labels) : expr));
}

function autoNames(all: readonly Labels[], expr: string): string[] {
  if (all.length === 1 && Object.keys(all[0]!).length === 0) return [expr];
  if (all.length === 1) return [seriesName(all[0]!)];
  const keys = [...new Set(all.flatMap((labels) => Object.keys(labels)))];
  const varying = keys.filter((key) => new Set(all.map((labels) => labels[key] ?? "")).size > 1);
  const telling = varying.find((key) => new Set(all.map((labels) => labels[key])).size === all.length);
  if (telling && varying.length === 1) return all.map((labels) => labels[telling] ?? "");
  return all.map((labels) =>
    seriesName(Object.fromEntries(Object.entries(labels).filter(([key]) => varying.includes(key)))),
  );
}

/** The name that a field shows: its configured one, its source's, else its own with its labels. */
export function displayName(field: Field, frame?: Frame): string {
  const configured = field.config.displayName;
  if (configured) return fillTemplate(configured, field, frame);
  if (field.sourceName) return field.sourceName;
  const labels = field.labels && Object.keys(field.labels).length ? field.labels : undefined;
  return labels ? `${field.name} ${seriesName(labels)}` : field.name;
}

function fillTemplate(template: string, field: Field, frame?: Frame): string {
  return template
    .replace(/\$\{__field\.labels\.([^}]+)\}/g, (_, key: string) => field.labels?.[key] ?? "")
    .replace(/\$\{__field\.labels\}/g, () => seriesName(field.labels ?? {}))
    .replace(/\$\{__(?:field|series)\.(?:name|displayName)\}/g, () => field.sourceName ?? frame?.name ?? field.name);
}
