/** Rules by group: state, health, and the last error where there is one. */

import { useState } from "preact/hooks";
import type { Rule, RuleGroup } from "../api/prometheus";
import { Icon } from "../components/Icon";
import { Empty } from "../components/States";
import { exploreLink } from "../dashboard/exploreLink";
import { formatAge, formatDuration } from "../model/time/duration";
import { formatValue } from "../model/units/format";
import { Annotations, LabelChips } from "./Labels";

const FILTERS = ["all", "firing", "pending", "inactive", "failing", "recording"] as const;
type Filter = (typeof FILTERS)[number];

export function Rules({ groups }: { groups: readonly RuleGroup[] }) {
  const [text, setText] = useState("");
  const [filter, setFilter] = useState<Filter>("all");
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const keep = (rule: Rule) => words.every((word) => `${rule.name} ${rule.query}`.toLowerCase().includes(word)) && passes(rule, filter);
  const shown = groups.map((group) => ({ ...group, rules: group.rules.filter(keep) })).filter((group) => group.rules.length);
  if (groups.length === 0)
    return (
      <Empty icon="alerts" title="No rules">
        Name rule files under <code>rule_files</code> in <code>prometheus.yml</code>.
      </Empty>
    );
  return (
    <>
      <div class="toolbar is-spaced">
        <label class="search">
          <Icon name="search" size={14} />
          <input class="input" placeholder="Find a rule" aria-label="Find a rule" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <span class="segmented is-small">
          {FILTERS.map((one) => (
            <button type="button" key={one} aria-pressed={filter === one} onClick={() => setFilter(one)}>
              {one}
            </button>
          ))}
        </span>
      </div>
      {shown.length === 0 && <Empty icon="search" title="No rule matches" />}
      {shown.map((group) => (
        <section class="card" key={group.file + group.name}>
          <div class="card-title">
            <h2>{group.name}</h2>
            <span class="muted">
              {group.file.split("/").pop()} · every {formatDuration(group.interval * 1000)}
              {group.lastEvaluation && ` · ${formatAge(Date.now() - Date.parse(group.lastEvaluation))} ago`}
              {group.evaluationTime !== undefined && ` · took ${formatValue(group.evaluationTime, "s")}`}
            </span>
          </div>
          {group.rules.map((rule, index) => (
            <RuleRow key={rule.name + index} rule={rule} />
          ))}
        </section>
      ))}
    </>
  );
}

function passes(rule: Rule, filter: Filter): boolean {
  if (filter === "all") return true;
  if (filter === "failing") return rule.health === "err";
  if (filter === "recording") return rule.type === "recording";
  return rule.type === "alerting" && rule.state === filter;
}

function state(rule: Rule): [string, string] {
  if (rule.health === "err") return ["is-bad", "Error"];
  if (rule.health === "unknown") return ["is-idle", "Not run yet"];
  if (rule.type === "recording") return ["is-ok", "OK"];
  if (rule.state === "firing") return ["is-bad", "Firing"];
  if (rule.state === "pending") return ["is-warn", "Pending"];
  return ["is-ok", "Quiet"];
}

function RuleRow({ rule }: { rule: Rule }) {
  const [open, setOpen] = useState(rule.health === "err");
  const [level, name] = state(rule);
  const active = rule.alerts ?? [];
  return (
    <div class="rule">
      <button type="button" class="rule-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? "down" : "right"} size={14} />
        <span class={`pill ${level}`}>{name}</span>
        <span class={rule.type === "recording" ? "is-code grow" : "strong grow"}>{rule.name}</span>
        {rule.type === "recording" && <span class="badge">recording</span>}
        {active.length > 0 && <span class="badge">{active.length} active</span>}
        {rule.labels?.severity && <span class={`severity is-${rule.labels.severity}`}>{rule.labels.severity}</span>}
      </button>
      {open && (
        <div class="rule-body">
          {rule.lastError && (
            <div class="note is-error">
              <Icon name="error" />
              <div class="is-code">{rule.lastError}</div>
            </div>
          )}
          <div class="rule-query">
            <pre class="code">{rule.query}</pre>
            <a class="button is-small" href={exploreLink({ kind: "metrics", queries: [rule.query] })}>
              <Icon name="explore" size={14} /> Explore
            </a>
          </div>
          <p class="hint">
            {rule.type === "alerting" && `Fires when true for ${rule.duration ? formatDuration(rule.duration * 1000) : "one evaluation"}. `}
            {!!rule.keepFiringFor && `Keeps firing for ${formatDuration(rule.keepFiringFor * 1000)}. `}
            {rule.lastEvaluation && !rule.lastEvaluation.startsWith("0001") && `Evaluated ${formatAge(Date.now() - Date.parse(rule.lastEvaluation))} ago`}
            {rule.evaluationTime !== undefined && ` in ${formatValue(rule.evaluationTime, "s")}.`}
          </p>
          {rule.annotations && <Annotations annotations={rule.annotations} />}
          {active.length > 0 && (
            <table class="data-table">
              <thead>
                <tr>
                  <th>State</th>
                  <th>Labels</th>
                  <th>Since</th>
                  <th class="number">Value</th>
                </tr>
              </thead>
              <tbody>
                {active.slice(0, 100).map((alert, index) => (
                  <tr key={index}>
                    <td>
                      <span class={`pill ${alert.state === "firing" ? "is-bad" : "is-warn"}`}>{alert.state}</span>
                    </td>
                    <td>
                      <LabelChips labels={alert.labels} />
                    </td>
                    <td>{alert.activeAt && `${formatAge(Date.now() - Date.parse(alert.activeAt))} ago`}</td>
                    <td class="number">{Number.isNaN(Number(alert.value)) ? alert.value : formatValue(Number(alert.value), "none")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      )}
    </div>
  );
}
