/** All dashboards by folder, with a filter. */

import { useMemo, useState } from "preact/hooks";
import { search, status, type SearchHit } from "../api/vedette";
import { Icon } from "../components/Icon";
import { Page } from "../components/Page";
import { Empty, Failure, Loading } from "../components/States";
import { useRemote } from "../components/useRemote";
import { groupBy } from "../model/group";

export function DashboardsPage() {
  const { data, error, reload } = useRemote((signal) => search(signal), [], 30_000);
  const health = useRemote((signal) => status(signal), []);
  const [filter, setFilter] = useState("");
  const [tag, setTag] = useState("");
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = (data ?? []).filter(
    (hit) => (!tag || hit.tags.includes(tag)) && words.every((word) => `${hit.title} ${hit.tags.join(" ")}`.toLowerCase().includes(word)),
  );
  const folders = useMemo(() => groupBy(shown, (hit) => hit.folderTitle ?? ""), [data, filter, tag]);
  const problems = health.data?.dashboards.problems ?? [];
  return (
    <Page
      title="Dashboards"
      tools={
        <label class="search">
          <Icon name="search" size={14} />
          <input class="input" placeholder="Find a dashboard" aria-label="Find a dashboard" autofocus value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
        </label>
      }
    >
      {tag && (
        <p class="hint">
          Tagged <Tag name={tag} onClick={() => setTag("")} /> <button type="button" class="link" onClick={() => setTag("")}>Show all</button>
        </p>
      )}
      {problems.map((problem) => (
        <div class="note is-warning" key={problem.path + problem.message}>
          <Icon name="warning" />
          <div>
            <strong>{problem.path}</strong>
            <div>{problem.message}</div>
          </div>
        </div>
      ))}
      {error && !data ? (
        <Failure title="The list could not be read" message={error} onRetry={reload} />
      ) : !data ? (
        <Loading />
      ) : data.length === 0 ? (
        <Empty icon="dashboards" title="No dashboards yet">
          Put Grafana dashboard JSON into the project’s <code>dashboards/</code> directory: it appears here at once.
        </Empty>
      ) : shown.length === 0 ? (
        <Empty icon="search" title="No dashboard matches">
          Try fewer words.
        </Empty>
      ) : (
        [...folders].map(([folder, hits]) => (
          <section key={folder} class="card">
            {folder && <h2 class="card-title">{folder}</h2>}
            <ul class="list">
              {hits.map((hit) => (
                <Row key={hit.uid} hit={hit} onTag={setTag} />
              ))}
            </ul>
          </section>
        ))
      )}
    </Page>
  );
}

function Row({ hit, onTag }: { hit: SearchHit; onTag: (tag: string) => void }) {
  return (
    <li class="list-row">
      <a class="list-main" href={hit.url}>
        <Icon name="dashboards" />
        <span>{hit.title}</span>
      </a>
      <span class="tags">
        {hit.tags.map((tag) => (
          <Tag key={tag} name={tag} onClick={() => onTag(tag)} />
        ))}
      </span>
    </li>
  );
}

function Tag({ name, onClick }: { name: string; onClick: () => void }) {
  return (
    <button type="button" class="tag" onClick={onClick}>
      {name}
    </button>
  );
}
