/** Alerts: what is active, the rules behind it, and silences. */

import { Page } from "../components/Page";
import { Empty, Failure, Loading } from "../components/States";
import { useRemote } from "../components/useRemote";
import { ActiveAlerts } from "../alerting/ActiveAlerts";
import { Rules } from "../alerting/Rules";
import { Silences } from "../alerting/Silences";
import * as alertmanager from "../api/alertmanager";
import * as prometheus from "../api/prometheus";
import { sourceOf } from "../api/vedette";
import { params, setParams } from "../router";

const EVERY_MS = 10_000;
const TABS = ["active", "rules", "silences"] as const;
type Tab = (typeof TABS)[number];
const NAMES: Record<Tab, string> = { active: "Active alerts", rules: "Rules", silences: "Silences" };

export default function AlertsPage() {
  const tab = (params.value.get("tab") ?? "active") as Tab;
  const sources = useRemote(async () => ({ metrics: await sourceOf("prometheus"), alerts: await sourceOf("alertmanager") }), []);
  const metrics = sources.data?.metrics?.uid;
  const alerts = sources.data?.alerts?.uid;
  const rules = useRemote(async (signal) => (metrics ? prometheus.rules(metrics, signal) : []), [metrics], EVERY_MS);
  const active = useRemote(async (signal) => (alerts ? alertmanager.alerts(alerts, signal) : []), [alerts], EVERY_MS);
  const silences = useRemote(async (signal) => (alerts ? alertmanager.silences(alerts, signal) : []), [alerts], EVERY_MS);
  const again = () => {
    active.reload();
    silences.reload();
  };
  const counts: Record<Tab, number | undefined> = {
    active: active.data?.length,
    rules: rules.data?.reduce((sum, group) => sum + group.rules.length, 0),
    silences: silences.data?.filter((silence) => silence.status.state !== "expired").length,
  };
  const shown = { active, rules, silences }[tab];
  return (
    <Page
      title="Alerts"
      tools={
        <nav class="segmented" aria-label="Part of the page">
          {TABS.map((one) => (
            <button type="button" key={one} aria-pressed={tab === one} onClick={() => setParams({ tab: one === "active" ? null : one, alert: null })}>
              {NAMES[one]} {counts[one] !== undefined && <span class="muted">{counts[one]}</span>}
            </button>
          ))}
        </nav>
      }
    >
      {sources.error ? (
        <Failure title="The data sources cannot be read" message={sources.error} onRetry={sources.reload} />
      ) : !sources.data ? (
        <Loading />
      ) : tab !== "rules" && !alerts ? (
        <Empty icon="alerts" title="There is no alerts role here">Rules are still evaluated: see the Rules tab.</Empty>
      ) : shown.error && !shown.data?.length ? (
        <Failure title={`${tab === "rules" ? "The metrics role" : "The alerts role"} does not answer`} message={shown.error} onRetry={shown.reload} />
      ) : !shown.data ? (
        <Loading />
      ) : tab === "active" ? (
        <ActiveAlerts alerts={active.data ?? []} groups={rules.data ?? []} uid={alerts!} onChange={again} />
      ) : tab === "rules" ? (
        <Rules groups={rules.data ?? []} />
      ) : (
        <Silences silences={silences.data ?? []} alerts={active.data ?? []} uid={alerts!} onChange={again} />
      )}
    </Page>
  );
}
