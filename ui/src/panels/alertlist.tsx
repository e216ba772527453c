/** The alerts that are firing or pending, as a panel. */

import * as prometheus from "../api/prometheus";
import { sourceOf } from "../api/vedette";
import { Empty, Failure, Loading } from "../components/States";
import { useRemote } from "../components/useRemote";
import { alertTitle, bySeverity } from "../model/alerts";
import { formatAge } from "../model/time/duration";
import { interpolate } from "../model/variables/interpolate";
import type { PanelProps } from "./types";

export default function AlertListPanel({ panel, scope, height }: PanelProps) {
  const { maxItems = 20, alertName = "" } = panel.options as { maxItems?: number; alertName?: string };
  const wanted = interpolate(alertName, scope, "text").toLowerCase();
  const { data, error } = useRemote(async (signal) => {
    const source = await sourceOf("prometheus");
    return source ? prometheus.rules(source.uid, signal) : [];
  }, [], 15_000);
  if (error) return <Failure title="The rules cannot be read" message={error} />;
  if (!data) return <Loading />;
  const alerts = data
    .flatMap((group) => group.rules.flatMap((rule) => rule.alerts ?? []))
    .filter((alert) => (alert.labels.alertname ?? "").toLowerCase().includes(wanted))
    .sort((a, b) => (a.state === b.state ? bySeverity(a.labels, b.labels) : a.state === "firing" ? -1 : 1))
    .slice(0, maxItems);
  if (alerts.length === 0) return <Empty icon="check" title="Nothing is firing" />;
  return (
    <ul class="list scroll" style={{ height: `${height}px` }}>
      {alerts.map((alert, index) => (
        <li class="list-row is-stacked" key={index}>
          <div class="list-line">
            <span class={alert.state === "firing" ? "dot is-bad" : "dot is-warn"} />
            <a class="grow strong" href={`/alerting?alert=${encodeURIComponent(alert.labels.alertname ?? "")}`}>
              {alert.labels.alertname}
            </a>
            <span class="muted">{alert.activeAt && formatAge(Date.now() - Date.parse(alert.activeAt))}</span>
          </div>
          <div class="list-sub">{alertTitle(alert)}</div>
        </li>
      ))}
    </ul>
  );
}
