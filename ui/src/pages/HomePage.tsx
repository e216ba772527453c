/** Home: is everything there, what is firing, where to go. */

import * as alertmanager from "../api/alertmanager";
import * as prometheus from "../api/prometheus";
import { search, sourceOf, status, type RoleStatus, type Status, type TargetSummary } from "../api/vedette";
import { Icon } from "../components/Icon";
import { Page } from "../components/Page";
import { Failure, Loading } from "../components/States";
import { useRemote } from "../components/useRemote";
import { formatAge } from "../model/time/duration";
import { exploreLink } from "../dashboard/exploreLink";
import { navigate } from "../router";
import { alertTitle } from "../model/alerts";

const EVERY_MS = 10_000;

export function HomePage() {
  const { data, error, reload } = useRemote((signal) => status(signal), [], EVERY_MS);
  return (
    <Page title="Home">
      {error && <Failure title="Vedette does not answer" message={error} onRetry={reload} />}
      {!data && !error && <Loading />}
      {data && (
        <>
          <Headline status={data} />
          <div class="home">
            <div class="home-main">
              <FiringAlerts />
              <QuickQuery />
              <DashboardLinks />
            </div>
            <div class="home-side">
              <Roles roles={data.roles} />
              <TargetsCard targets={data.targets} />
            </div>
          </div>
        </>
      )}
    </Page>
  );
}

/** One sentence on the state of everything. */
function Headline({ status: { roles, targets } }: { status: Status }) {
  const bad = roles.filter((role) => role.state === "down");
  const starting = roles.filter((role) => role.state === "starting");
  const down = targets.down ?? 0;
  const troubles = [
    bad.length > 0 && `${list(bad.map((role) => role.title))} ${bad.length === 1 ? "is" : "are"} not answering`,
    starting.length > 0 && `${list(starting.map((role) => role.title))} ${starting.length === 1 ? "is" : "are"} starting`,
    down > 0 && `${down} of ${targets.total} targets ${down === 1 ? "is" : "are"} down`,
  ].filter(Boolean) as string[];
  const level = bad.length || down ? "is-bad" : starting.length ? "is-warn" : "is-ok";
  return (
    <div class={`headline ${level}`} role="status">
      <Icon name={level === "is-ok" ? "check" : "warning"} size={18} />
      <span>{troubles.length ? sentence(troubles) : `All ${roles.length} roles are ready and ${targets.total ?? 0} targets are up.`}</span>
    </div>
  );
}

function list(items: string[]): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}

function sentence(parts: string[]): string {
  const text = list(parts);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const STATE = { ready: ["is-ok", "Ready"], starting: ["is-warn", "Starting"], down: ["is-bad", "Down"] } as const;

function Roles({ roles }: { roles: RoleStatus[] }) {
  return (
    <section class="card">
      <h2 class="card-title">Roles</h2>
      <ul class="list">
        {roles.map((role) => (
          <li class="list-row is-stacked" key={role.name}>
            <div class="list-line">
              <span class={`dot ${STATE[role.state][0]}`} title={STATE[role.state][1]} />
              <span class="grow">{role.title}</span>
              <span class="muted">{role.version}</span>
              <span class={`pill ${STATE[role.state][0]}`}>{STATE[role.state][1]}</span>
            </div>
            <div class="list-sub">
              {role.address.replace(/^https?:\/\//, "")}
              {role.message && <span class="error-text"> — {role.message}</span>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function TargetsCard({ targets }: { targets: TargetSummary }) {
  const { up = 0, down = 0, unknown = 0, total = 0, failing = [] } = targets;
  return (
    <section class="card">
      <h2 class="card-title">
        <a href="/targets">Targets</a>
        {!targets.error && (
          <span class="muted">
            {up} of {total} up
          </span>
        )}
      </h2>
      {targets.error ? (
        <p class="card-text error-text">The metrics role cannot be asked: {targets.error}.</p>
      ) : total === 0 ? (
        <p class="card-text muted">
          Nothing is scraped yet. Add a job to <code>scrape_configs</code> in <code>prometheus.yml</code>.
        </p>
      ) : (
        <>
          <div class="meter" role="img" aria-label={`${up} up, ${down} down, ${unknown} not asked yet`}>
            <span class="is-ok" style={{ flexGrow: up }} />
            <span class="is-bad" style={{ flexGrow: down }} />
            <span class="is-unknown" style={{ flexGrow: unknown }} />
          </div>
          {failing.length > 0 && (
            <ul class="list">
              {failing.slice(0, 6).map((target) => (
                <li class="list-row is-stacked" key={target.pool + target.instance}>
                  <div class="list-line">
                    <span class="dot is-bad" />
                    <a class="grow" href={`/targets?pool=${encodeURIComponent(target.pool)}`}>
                      {target.pool}
                    </a>
                    <span class="muted">{target.instance}</span>
                  </div>
                  <div class="list-sub error-text clamp">{target.error}</div>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  );
}

function FiringAlerts() {
  const { data, error } = useRemote(async (signal) => {
    const source = await sourceOf("alertmanager");
    if (!source) return { from: "none" as const, alerts: [] };
    try {
      const found = await alertmanager.alerts(source.uid, signal);
      return { from: "alerts" as const, alerts: found };
    } catch (problem) {
      // Without the alerts role the metrics role still knows what fires.
      const metrics = await sourceOf("prometheus");
      if (!metrics) throw problem;
      const groups = await prometheus.rules(metrics.uid, signal);
      const firing = groups.flatMap((group) =>
        group.rules.flatMap((rule) => (rule.alerts ?? []).filter((alert) => alert.state === "firing")),
      );
      return {
        from: "rules" as const,
        alerts: firing.map((alert) => ({
          fingerprint: JSON.stringify(alert.labels),
          labels: alert.labels,
          annotations: alert.annotations,
          startsAt: alert.activeAt ?? "",
          status: { state: "active" as const },
        })),
      };
    }
  }, [], EVERY_MS);
  const active = (data?.alerts ?? []).filter((alert) => alert.status.state === "active");
  const quiet = (data?.alerts.length ?? 0) - active.length;
  return (
    <section class="card">
      <h2 class="card-title">
        <a href="/alerting">Firing alerts</a>
        {data && <span class={active.length ? "pill is-bad" : "pill is-ok"}>{active.length}</span>}
        {quiet > 0 && <span class="muted">{quiet} silenced or inhibited</span>}
      </h2>
      {error ? (
        <p class="card-text error-text">{error}</p>
      ) : !data ? (
        <Loading />
      ) : active.length === 0 ? (
        <p class="card-text muted">Nothing is firing.</p>
      ) : (
        <ul class="list">
          {active.slice(0, 8).map((alert) => (
            <li class="list-row is-stacked" key={alert.fingerprint}>
              <div class="list-line">
                <span class={`severity is-${alert.labels.severity ?? "none"}`}>{alert.labels.severity ?? "alert"}</span>
                <a class="grow strong" href={`/alerting?alert=${encodeURIComponent(alert.labels.alertname ?? "")}`}>
                  {alert.labels.alertname}
                </a>
                <span class="muted">{alert.startsAt && formatAge(Date.now() - Date.parse(alert.startsAt))}</span>
              </div>
              <div class="list-sub">{alertTitle(alert)}</div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const EXAMPLES = [
  { label: "Who is up", query: "up" },
  { label: "CPU by machine", query: 'sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[5m]))' },
  { label: "Memory left", query: "node_memory_MemAvailable_bytes" },
];

function QuickQuery() {
  return (
    <section class="card">
      <h2 class="card-title">
        <a href="/explore/metrics">Ask the metrics</a>
        <a class="muted" href="/explore/logs">
          or the logs
        </a>
      </h2>
      <form
        class="quick-query"
        action="/explore/metrics"
        onSubmit={(event) => {
          event.preventDefault();
          const query = new FormData(event.currentTarget).get("q");
          navigate(exploreLink({ kind: "metrics", queries: [String(query ?? "")] }));
        }}
      >
        <input class="input is-code" name="q" placeholder="PromQL, such as rate(http_requests_total[5m])" aria-label="PromQL query" spellcheck={false} />
        <button type="submit" class="button is-primary">
          Run
        </button>
      </form>
      <div class="examples">
        {EXAMPLES.map((example) => (
          <a class="tag" key={example.label} href={exploreLink({ kind: "metrics", queries: [example.query] })}>
            {example.label}
          </a>
        ))}
      </div>
    </section>
  );
}

function DashboardLinks() {
  const { data, error } = useRemote((signal) => search(signal), [], 30_000);
  return (
    <section class="card">
      <h2 class="card-title">
        <a href="/dashboards">Dashboards</a>
        {data && <span class="muted">{data.length}</span>}
      </h2>
      {error && <p class="card-text error-text">{error}</p>}
      {data?.length === 0 && (
        <p class="card-text muted">
          Put Grafana dashboard JSON into the project’s <code>dashboards/</code> directory.
        </p>
      )}
      <ul class="list">
        {(data ?? []).slice(0, 10).map((hit) => (
          <li class="list-row" key={hit.uid}>
            <a class="list-main" href={hit.url}>
              <Icon name="dashboards" />
              <span>{hit.title}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
