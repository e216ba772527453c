/** One dashboard: variables, time, the grid of panels. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { isAbort, messageOf } from "../api/http";
import { dashboard as readDashboard, dataSources, type DashboardAnswer, type DataSourceInfo } from "../api/vedette";
import { Icon } from "../components/Icon";
import { Page } from "../components/Page";
import { Empty, Failure, Loading } from "../components/States";
import { RefreshPicker, TimePicker } from "../components/TimePicker";
import { useHotkeys } from "../components/useHotkeys";
import { usePageTime } from "../components/useTimeRange";
import { useRemote } from "../components/useRemote";
import { DashboardLinks } from "../dashboard/DashboardLinks";
import { Grid } from "../dashboard/Grid";
import { layoutPanels } from "../dashboard/layout";
import { RuntimeContext, type Runtime } from "../dashboard/runtime";
import { loadVariables, scopeOf } from "../dashboard/variables";
import { VariableBar } from "../dashboard/VariableBar";
import { absolute, zoomOut } from "../model/time/range";
import { asValues } from "../model/variables/options";
import type { Variable } from "../model/variables/types";
import { params, setParams, withParams } from "../router";

export function DashboardPage({ uid }: { uid: string }) {
  const { data, error, reload } = useRemote(
    async (signal) => {
      const [answer, sources] = await Promise.all([readDashboard(uid, signal), dataSources()]);
      return { answer, sources };
    },
    [uid],
  );
  if (error && !data)
    return (
      <Page title="Dashboard">
        <Failure title="This dashboard cannot be shown" message={error} onRetry={reload} />
      </Page>
    );
  if (!data || data.answer.dashboard.uid !== uid)
    return (
      <Page title="">
        <Loading label="Loading dashboard" />
      </Page>
    );
  return <Shown key={uid} {...data} />;
}

function Shown({ answer, sources }: { answer: DashboardAnswer; sources: DataSourceInfo[] }) {
  const { dashboard, meta } = answer;
  const time = usePageTime(dashboard.time, dashboard.refresh);
  const { variables, scope, ready } = useVariables(answer, sources, time.range);
  const [collapsed, setCollapsed] = useState<ReadonlyMap<string, boolean>>(new Map());
  const alone = params.value.get("viewPanel");

  const runtime = useMemo<Runtime>(
    () => ({
      range: time.range,
      scope,
      sources,
      crosshair: dashboard.graphTooltip,
      onZoom: (from, to) => time.setRange(absolute(from, to)),
    }),
    [time.range, scope, sources],
  );
  const placed = useMemo(() => layoutPanels(dashboard.panels, scope, alone ? openAll(dashboard.panels) : collapsed), [dashboard, scope, collapsed, alone]);
  const panels = alone
    ? placed
        .filter((panel) => (panel.key ?? String(panel.id)) === alone)
        .map((panel) => ({ ...panel, gridPos: { x: 0, y: 0, w: 24, h: 18 } }))
    : placed;

  useHotkeys({
    r: time.again,
    z: () => time.setRange(zoomOut(time.range, Date.now())),
    Escape: () => alone && setParams({ viewPanel: null }),
  });

  return (
    <Page
      title={dashboard.title}
      lead={
        <span class="crumb">
          {alone ? (
            <a href={withParams({ viewPanel: null })}>
              <Icon name="left" size={14} /> Back
            </a>
          ) : (
            <a href="/dashboards">Dashboards</a>
          )}
          <Icon name="right" size={12} />
        </span>
      }
      tools={
        <>
          {meta.notes.length > 0 && (
            <span class="panel-hint is-warning" title={meta.notes.join("\n")} tabIndex={0}>
              <Icon name="warning" />
            </span>
          )}
          <TimePicker range={time.range} onChange={time.setRange} />
          <RefreshPicker value={time.refresh} onChange={time.setRefresh} onRefresh={time.again} />
        </>
      }
    >
      <RuntimeContext.Provider value={runtime}>
        <div class="dashboard-bar">
          <VariableBar variables={variables} onChange={(name, values) => setParams({ [`var-${name}`]: values })} />
          <DashboardLinks links={dashboard.links ?? []} />
        </div>
        {!ready ? (
          <Loading label="Asking for variables" />
        ) : panels.length === 0 ? (
          <Empty icon="dashboards" title={alone ? "This panel is not on the dashboard" : "This dashboard has no panels"}>
            {meta.provisioned && <>Add some to {meta.provisionedExternalId}: it is read again when it changes.</>}
          </Empty>
        ) : (
          <Grid panels={panels} onToggle={(key, closed) => setCollapsed((old) => new Map(old).set(key, closed))} />
        )}
      </RuntimeContext.Provider>
    </Page>
  );
}

/** For showing one panel alone, every row counts as open. */
function openAll(panels: DashboardAnswer["dashboard"]["panels"]): Map<string, boolean> {
  return new Map(panels.filter((panel) => panel.type === "row").map((panel) => [String(panel.id), false]));
}

function useVariables(answer: DashboardAnswer, sources: DataSourceInfo[], range: Runtime["range"]) {
  const models = answer.dashboard.templating.list;
  const [variables, setVariables] = useState<Variable[]>([]);
  const [ready, setReady] = useState(models.length === 0);
  const chosen = new Map(models.map((model) => [model.name, asValues(params.value.getAll(`var-${model.name}`))] as const).filter(([, values]) => values.length));
  const choice = JSON.stringify([...chosen]);
  // Only variables that say so follow the range.
  const follows = models.some((model) => model.refresh === 2 || model.type === "interval");
  const window = follows ? `${range.fromMs}-${range.toMs}` : `${range.raw.from}-${range.raw.to}`;

  useEffect(() => {
    if (models.length === 0) return;
    const control = new AbortController();
    loadVariables(models, { range, sources, chosen, signal: control.signal }).then(
      (loaded) => {
        setVariables((old) => (same(old, loaded) ? old : loaded));
        setReady(true);
      },
      (error: unknown) => {
        if (!isAbort(error)) console.error("variables:", messageOf(error));
      },
    );
    return () => control.abort();
  }, [choice, window]);

  const scope = useMemo(() => scopeOf(variables), [variables]);
  return { variables, scope, ready };
}

function same(a: readonly Variable[], b: readonly Variable[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
