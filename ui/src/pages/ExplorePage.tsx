/** Explore: ask metrics or logs, with everything in the address. */

import { dataSources } from "../api/vedette";
import { Page } from "../components/Page";
import { Empty, Failure, Loading } from "../components/States";
import { RefreshPicker, TimePicker } from "../components/TimePicker";
import { useHotkeys } from "../components/useHotkeys";
import { useRemote } from "../components/useRemote";
import { usePageTime } from "../components/useTimeRange";
import { exploreLink } from "../dashboard/exploreLink";
import { ExploreLogs } from "../explore/ExploreLogs";
import { ExploreMetrics } from "../explore/ExploreMetrics";
import { zoomOut } from "../model/time/range";
import { params, setParams } from "../router";

export default function ExplorePage({ kind }: { kind: "metrics" | "logs" }) {
  const time = usePageTime();
  const { data, error, reload } = useRemote(() => dataSources(), []);
  const fitting = (data ?? []).filter((source) => source.type === (kind === "metrics" ? "prometheus" : "loki"));
  const wanted = params.value.get("ds");
  const source = fitting.find((one) => one.uid === wanted) ?? fitting.find((one) => one.isDefault) ?? fitting[0];
  useHotkeys({ z: () => time.setRange(zoomOut(time.range, Date.now())), r: time.again });
  const { from, to } = time.range.raw;
  return (
    <Page
      title="Explore"
      lead={undefined}
      tools={
        <>
          <nav class="segmented" aria-label="What to explore">
            <a href={exploreLink({ kind: "metrics", queries: [], from, to })} aria-current={kind === "metrics" ? "page" : undefined}>
              Metrics
            </a>
            <a href={exploreLink({ kind: "logs", queries: [], from, to })} aria-current={kind === "logs" ? "page" : undefined}>
              Logs
            </a>
          </nav>
          {fitting.length > 1 && (
            <select aria-label="Data source" value={source?.uid} onChange={(event) => setParams({ ds: event.currentTarget.value })}>
              {fitting.map((one) => (
                <option key={one.uid} value={one.uid}>
                  {one.name}
                </option>
              ))}
            </select>
          )}
          <TimePicker range={time.range} onChange={time.setRange} />
          <RefreshPicker value={time.refresh} onChange={time.setRefresh} onRefresh={time.again} />
        </>
      }
    >
      {error ? (
        <Failure title="The data sources cannot be read" message={error} onRetry={reload} />
      ) : !data ? (
        <Loading />
      ) : !source ? (
        <Empty icon="explore" title={`There is no source of ${kind}`}>
          Start the {kind} role, or add a data source to the provisioning files.
        </Empty>
      ) : kind === "metrics" ? (
        <ExploreMetrics key={source.uid} source={source} time={time} />
      ) : (
        <ExploreLogs key={source.uid} source={source} time={time} />
      )}
    </Page>
  );
}
