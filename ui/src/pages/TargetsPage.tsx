/** Targets: what is scraped, by pool; what fails and why. */

import { useState } from "preact/hooks";
import { targets as readTargets, type Target } from "../api/prometheus";
import { sourceOf } from "../api/vedette";
import { LabelChips } from "../alerting/Labels";
import { Icon } from "../components/Icon";
import { Page } from "../components/Page";
import { Empty, Failure, Loading } from "../components/States";
import { useRemote } from "../components/useRemote";
import { groupBy } from "../model/group";
import { formatAge } from "../model/time/duration";
import { formatValue } from "../model/units/format";
import { params, setParams } from "../router";

const EVERY_MS = 10_000;
const STATES = ["all", "up", "down", "unknown"] as const;

export default function TargetsPage() {
  const { data, error, reload } = useRemote(
    async (signal) => {
      const source = await sourceOf("prometheus");
      if (!source) throw new Error("There is no metrics data source.");
      return readTargets(source.uid, signal);
    },
    [],
    EVERY_MS,
  );
  const [text, setText] = useState("");
  const wanted = params.value.get("state") ?? "all";
  const only = params.value.get("pool");
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = (data?.activeTargets ?? []).filter(
    (target) =>
      (wanted === "all" || target.health === wanted) &&
      (!only || target.scrapePool === only) &&
      words.every((word) => `${target.scrapeUrl} ${Object.values(target.labels).join(" ")}`.toLowerCase().includes(word)),
  );
  const pools = [...groupBy(shown, (target) => target.scrapePool)].sort(([a], [b]) => a.localeCompare(b));
  return (
    <Page
      title="Targets"
      tools={
        <>
          <label class="search">
            <Icon name="search" size={14} />
            <input class="input" placeholder="Find a target" aria-label="Find a target" value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </label>
          <span class="segmented">
            {STATES.map((state) => (
              <button type="button" key={state} aria-pressed={wanted === state} onClick={() => setParams({ state: state === "all" ? null : state }, { replace: true })}>
                {state}
              </button>
            ))}
          </span>
        </>
      }
    >
      {error && !data ? (
        <Failure title="The metrics role does not answer" message={error} onRetry={reload} />
      ) : !data ? (
        <Loading />
      ) : data.activeTargets.length === 0 ? (
        <Empty icon="targets" title="Nothing is scraped">
          Add a job to <code>scrape_configs</code> in <code>prometheus.yml</code>.
        </Empty>
      ) : (
        <>
          {only && (
            <p class="hint">
              Only {only}.{" "}
              <button type="button" class="link" onClick={() => setParams({ pool: null })}>
                Show all
              </button>
            </p>
          )}
          {pools.length === 0 && <Empty icon="search" title="No target matches" />}
          {pools.map(([pool, list]) => (
            <Pool key={pool} name={pool} targets={list} />
          ))}
          {data.droppedTargets.length > 0 && <p class="hint">{data.droppedTargets.length} discovered targets were dropped by relabelling.</p>}
        </>
      )}
    </Page>
  );
}

const LEVEL = { up: "is-ok", down: "is-bad", unknown: "is-idle" } as const;

function Pool({ name, targets }: { name: string; targets: Target[] }) {
  const up = targets.filter((target) => target.health === "up").length;
  const sorted = [...targets].sort((a, b) => Number(a.health !== "down") - Number(b.health !== "down") || a.scrapeUrl.localeCompare(b.scrapeUrl));
  return (
    <section class="card">
      <div class="card-title">
        <span class={`dot ${up === targets.length ? "is-ok" : "is-bad"}`} />
        <h2>{name}</h2>
        <span class="muted">
          {up} of {targets.length} up
        </span>
      </div>
      <div class="table-scroll is-plain">
        <table class="data-table targets-table">
          <thead>
            <tr>
              <th>State</th>
              <th>Endpoint</th>
              <th>Labels</th>
              <th>Last scrape</th>
              <th class="number">Took</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((target) => (
              <tr key={target.scrapeUrl + JSON.stringify(target.labels)}>
                <td>
                  <span class={`pill ${LEVEL[target.health]}`}>{target.health}</span>
                </td>
                <td>
                  <a class="link is-code" href={target.scrapeUrl} target="_blank" rel="noreferrer">
                    {target.scrapeUrl}
                  </a>
                  {target.lastError && <div class="error-text is-code target-error">{target.lastError}</div>}
                </td>
                <td>
                  <LabelChips labels={target.labels} />
                </td>
                <td class="nowrap">{target.lastScrape.startsWith("0001") ? "never" : `${formatAge(Date.now() - Date.parse(target.lastScrape))} ago`}</td>
                <td class="number nowrap">{formatValue(target.lastScrapeDuration, "s")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
