/** All metric names, to begin without knowing any: a click runs the query that fits the metric. */

import { useMemo, useState } from "preact/hooks";
import { ask } from "../api/http";
import { labelValues } from "../api/prometheus";
import { proxy, type DataSourceInfo } from "../api/vedette";
import { Icon } from "../components/Icon";
import { Empty, Failure, Loading } from "../components/States";
import { useRemote } from "../components/useRemote";
import { VirtualRows } from "../components/VirtualRows";
import { queryFor } from "../model/metricQuery";
import type { TimeRange } from "../model/time/range";

type Metadata = Record<string, { type: string; help: string }[]>;

interface Props {
  source: DataSourceInfo;
  range: TimeRange;
  onPick: (query: string) => void;
}

export function MetricBrowser({ source, range, onPick }: Props) {
  const [filter, setFilter] = useState("");
  const { data, error, reload } = useRemote(
    async (signal) => {
      const [names, metadata] = await Promise.all([
        labelValues(source.uid, "__name__", undefined, range, signal),
        ask<{ data: Metadata }>(proxy(source.uid, "/api/v1/metadata"), { signal }).then(
          (answer) => answer.data,
          (): Metadata => ({}),
        ),
      ]);
      return { names, metadata };
    },
    [source.uid],
  );
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = useMemo(() => (data?.names ?? []).filter((name) => words.every((word) => name.toLowerCase().includes(word))), [data, filter]);
  if (error) return <Failure title="The metrics cannot be listed" message={error} onRetry={reload} />;
  if (!data) return <Loading label="Listing metrics" />;
  if (data.names.length === 0)
    return (
      <Empty icon="explore" title="Nothing was measured in this range">
        Check on the <a class="link" href="/targets">Targets</a> page that something is scraped.
      </Empty>
    );
  return (
    <section class="card">
      <div class="card-title">
        <h2>Metrics</h2>
        <span class="muted">
          {shown.length === data.names.length ? data.names.length : `${shown.length} of ${data.names.length}`}
        </span>
        <span class="spacer" />
        <label class="search">
          <Icon name="search" size={14} />
          <input class="input" placeholder="Find a metric" aria-label="Find a metric" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
        </label>
      </div>
      <VirtualRows count={shown.length} rowHeight={32} height={Math.min(shown.length * 32, 560)}>
        {(index) => {
          const name = shown[index]!;
          const about = metadataOf(data.metadata, name);
          return (
            <button type="button" class="metric-row" key={name} onClick={() => onPick(queryFor(name, about?.type))}>
              <span class="is-code">{name}</span>
              {about && <span class="badge">{about.type}</span>}
              <span class="muted">{about?.help}</span>
            </button>
          );
        }}
      </VirtualRows>
    </section>
  );
}

/** The series of a histogram or summary are described under their common name. */
function metadataOf(metadata: Metadata, name: string): { type: string; help: string } | undefined {
  return (metadata[name] ?? metadata[name.replace(/_(bucket|sum|count|total)$/, "")])?.[0];
}
