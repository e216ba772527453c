/** Labels and their values, to begin without knowing any: a click builds the selector. */

import { useState } from "preact/hooks";
import * as loki from "../api/loki";
import type { DataSourceInfo } from "../api/vedette";
import { Empty, Failure, Loading } from "../components/States";
import { useRemote } from "../components/useRemote";
import { addMatcher } from "../model/logs/logql";
import type { TimeRange } from "../model/time/range";

interface Props {
  source: DataSourceInfo;
  range: TimeRange;
  onPick: (selector: string) => void;
}

const MOST_LABELS = 20;
const MOST_VALUES = 60;

export function LabelBrowser({ source, range, onPick }: Props) {
  const [selector, setSelector] = useState("");
  const { data, error, reload } = useRemote(
    async (signal) => {
      const names = (await loki.labels(source.uid, range, signal)).filter((name) => !name.startsWith("__")).slice(0, MOST_LABELS);
      const values = await Promise.all(names.map((name) => loki.labelValues(source.uid, name, undefined, range, signal)));
      return names.map((name, index) => ({ name, values: values[index]! }));
    },
    [source.uid],
  );
  if (error) return <Failure title="The labels cannot be listed" message={error} onRetry={reload} />;
  if (!data) return <Loading label="Listing labels" />;
  if (data.length === 0)
    return (
      <Empty icon="explore" title="No logs in this range">
        Point the shipper at some files: <code>logs/promtail-config.yml</code>.
      </Empty>
    );
  return (
    <section class="card">
      <div class="card-title">
        <h2>Labels</h2>
        <span class="muted">Pick values, then search.</span>
        <span class="spacer" />
        {selector && <code>{selector}</code>}
        <button type="button" class="button is-primary" disabled={!selector} onClick={() => onPick(selector)}>
          Search
        </button>
      </div>
      {data.map(({ name, values }) => (
        <div class="label-row" key={name}>
          <span class="label-name">{name}</span>
          <span class="tags">
            {values.slice(0, MOST_VALUES).map((value) => (
              <button type="button" class={selector.includes(`${name}="${value}"`) ? "tag is-on" : "tag"} key={value} onClick={() => setSelector(addMatcher(selector, name, value, "="))} onDblClick={() => onPick(addMatcher("", name, value, "="))}>
                {value}
              </button>
            ))}
            {values.length > MOST_VALUES && <span class="hint">{values.length - MOST_VALUES} more: write the selector to reach them</span>}
          </span>
        </div>
      ))}
    </section>
  );
}
