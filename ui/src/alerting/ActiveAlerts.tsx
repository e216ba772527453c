/** The alerts that the alerts role holds, by name; each can be silenced in two clicks. */

import type { ActiveAlert } from "../api/alertmanager";
import type { RuleGroup } from "../api/prometheus";
import { Icon } from "../components/Icon";
import { Empty } from "../components/States";
import { exploreLink } from "../dashboard/exploreLink";
import { alertTitle, bySeverity } from "../model/alerts";
import { groupBy } from "../model/group";
import { formatAge } from "../model/time/duration";
import { params, setParams } from "../router";
import { LabelChips, Annotations } from "./Labels";
import { SilenceButton } from "./SilenceButton";

interface Props {
  alerts: readonly ActiveAlert[];
  groups: readonly RuleGroup[];
  uid: string;
  onChange: () => void;
}

export function ActiveAlerts({ alerts, groups, uid, onChange }: Props) {
  const only = params.value.get("alert");
  const shown = alerts.filter((alert) => !only || alert.labels.alertname === only).sort((a, b) => bySeverity(a.labels, b.labels));
  const pending = groups.flatMap((group) => group.rules.flatMap((rule) => (rule.alerts ?? []).filter((alert) => alert.state === "pending")));
  const byName = groupBy(shown, (alert) => alert.labels.alertname ?? "");
  return (
    <>
      {only && (
        <p class="hint">
          Only {only}.{" "}
          <button type="button" class="link" onClick={() => setParams({ alert: null })}>
            Show all
          </button>
        </p>
      )}
      {shown.length === 0 && (
        <Empty icon="check" title="Nothing is firing">
          {pending.length > 0 ? `${pending.length} ${pending.length === 1 ? "alert is" : "alerts are"} pending and will fire when the condition lasts.` : "Alerts appear here when a rule’s condition has held for its time."}
        </Empty>
      )}
      {[...byName].map(([name, list]) => (
        <section class="card" key={name}>
          <div class="card-title">
            <span class={`severity is-${list[0]!.labels.severity ?? "none"}`}>{list[0]!.labels.severity ?? "alert"}</span>
            <h2>{name}</h2>
            {list.length > 1 && <span class="muted">{list.length}</span>}
            <span class="spacer" />
            <SourceLink groups={groups} name={name} startsAt={list[0]!.startsAt} />
          </div>
          {list.map((alert) => (
            <AlertRow key={alert.fingerprint} alert={alert} uid={uid} onChange={onChange} />
          ))}
        </section>
      ))}
    </>
  );
}

/** From the alert to its graph, from an hour before it began. */
function SourceLink({ groups, name, startsAt }: { groups: readonly RuleGroup[]; name: string; startsAt: string }) {
  const rule = groups.flatMap((group) => group.rules).find((one) => one.type === "alerting" && one.name === name);
  if (!rule) return null;
  const from = String(Date.parse(startsAt) - 3_600_000);
  return (
    <a class="button is-small" href={exploreLink({ kind: "metrics", queries: [rule.query], from, to: "now" })}>
      <Icon name="explore" size={14} /> Graph
    </a>
  );
}

const STATES = { active: ["is-bad", "Firing"], suppressed: ["is-idle", "Silenced"], unprocessed: ["is-warn", "New"] } as const;

function AlertRow({ alert, uid, onChange }: { alert: ActiveAlert; uid: string; onChange: () => void }) {
  const inhibited = alert.status.inhibitedBy.length > 0 && alert.status.silencedBy.length === 0;
  const [level, name] = STATES[alert.status.state];
  const { severity: _severity, alertname: _name, ...labels } = alert.labels;
  return (
    <div class="alert-row">
      <div class="alert-main">
        <div class="list-line">
          <span class={`pill ${level}`}>{inhibited ? "Inhibited" : name}</span>
          <span class="strong">{alertTitle(alert)}</span>
        </div>
        <Annotations annotations={alert.annotations} skip={["summary"]} />
        <LabelChips labels={labels} />
      </div>
      <div class="alert-side">
        <span class="muted" title={new Date(alert.startsAt).toLocaleString()}>
          for {formatAge(Date.now() - Date.parse(alert.startsAt))}
        </span>
        <span class="muted">to {alert.receivers.map((receiver) => receiver.name).join(", ")}</span>
        {alert.status.silencedBy.length === 0 && <SilenceButton labels={alert.labels} uid={uid} onDone={onChange} />}
      </div>
    </div>
  );
}
