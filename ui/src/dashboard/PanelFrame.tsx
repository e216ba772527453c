/** A panel's frame: title, state, menu, and the component that draws it. */

import { useMemo, useState } from "preact/hooks";
import { Icon } from "../components/Icon";
import { Menu, Popover } from "../components/Popover";
import { Failure, NoData } from "../components/States";
import { useSize } from "../components/useSize";
import { useVisible } from "../components/useVisible";
import { applyFieldConfig } from "../model/field/apply";
import { transform } from "../model/transform";
import { interpolate } from "../model/variables/interpolate";
import { needsNoData, panelComponent } from "../panels/registry";
import { withParams } from "../router";
import { exploreLink } from "./exploreLink";
import { Inspect } from "./Inspect";
import { withRange, withStep } from "./macros";
import { computeStep } from "../model/time/interval";
import { isLogQuery } from "./query";
import { useRuntime, type Runtime } from "./runtime";
import type { PanelModel } from "./types";
import { panelScope, usePanelData } from "./usePanelData";

const EMPTY = { frames: [], notices: [] };

export function PanelFrame({ panel }: { panel: PanelModel }) {
  const runtime = useRuntime();
  const [outer, visible] = useVisible<HTMLElement>();
  const [body, size] = useSize<HTMLDivElement>();
  const [inspecting, setInspecting] = useState(false);
  const scope = withRange(panelScope(panel, runtime.scope), runtime.range);
  const still = needsNoData(panel.type) || !panel.targets?.length;
  const { data, loading } = usePanelData(panel, runtime, still ? 0 : size.width, visible);
  const { frames, transformNotes } = useMemo(() => {
    const result = transform(data?.frames ?? [], panel.transformations ?? []);
    return { frames: applyFieldConfig(result.frames, panel.fieldConfig), transformNotes: result.notes };
  }, [data, panel]);
  const Component = panelComponent(panel.type);
  const title = interpolate(panel.title, scope, "text");
  const notices = [...(data?.notices ?? []), ...transformNotes];
  const empty = !still && data !== null && frames.length === 0;
  const shown = { ...(data ?? { ...EMPTY, range: runtime.range }), frames };

  return (
    <section class={panel.transparent ? "panel is-transparent" : "panel"} ref={outer} aria-label={title || panel.type} data-panel-id={panel.id}>
      <header class={title || panel.description ? "panel-head" : "panel-head is-bare"}>
        <h3 class="panel-title" title={title}>
          {title}
        </h3>
        {panel.description && (
          <span class="panel-hint" title={interpolate(panel.description, scope, "text")} tabIndex={0}>
            <Icon name="info" size={14} />
          </span>
        )}
        {(panel.timeFrom || panel.timeShift) && !panel.hideTimeOverride && (
          <span class="badge">{[panel.timeFrom, panel.timeShift && `shifted ${panel.timeShift}`].filter(Boolean).join(", ")}</span>
        )}
        {notices.length > 0 && (
          <span class="panel-hint is-warning" title={notices.join("\n")} tabIndex={0}>
            <Icon name="warning" size={14} />
          </span>
        )}
        {data?.error && frames.length > 0 && (
          <span class="panel-hint is-error" title={data.error.message} tabIndex={0}>
            <Icon name="error" size={14} />
          </span>
        )}
        <PanelMenu panel={panel} runtime={runtime} onInspect={() => setInspecting(true)} />
      </header>
      {loading && !still && visible && <div class="panel-progress" aria-hidden="true" />}
      <div class="panel-body" ref={body}>
        {data?.error && frames.length === 0 ? (
          <Failure title="The query failed" message={data.error.message} />
        ) : empty ? (
          <NoData text={panel.fieldConfig.defaults.noValue} />
        ) : (
          (still || data) &&
          size.width > 0 &&
          (visible || data) && (
            <Component
              panel={panel}
              data={shown}
              width={size.width}
              height={size.height}
              range={runtime.range}
              scope={scope}
              crosshair={runtime.crosshair}
              onZoom={runtime.onZoom}
            />
          )
        )}
      </div>
      {inspecting && <Inspect panel={panel} data={shown} title={title} onClose={() => setInspecting(false)} />}
    </section>
  );
}

function PanelMenu({ panel, runtime, onInspect }: { panel: PanelModel; runtime: Runtime; onInspect: () => void }) {
  const link = exploreAddress(panel, runtime);
  const alone = panel.key ?? String(panel.id);
  return (
    <Popover class="button is-icon is-quiet panel-menu" align="right" title="Panel menu" label={<Icon name="more" />}>
      {(close) => (
        <Menu label="Panel menu">
          <a role="menuitem" href={withParams({ viewPanel: alone })} onClick={close}>
            View alone
          </a>
          {link && (
            <a role="menuitem" href={link}>
              Open in Explore
            </a>
          )}
          {!!panel.targets?.length && (
            <button
              type="button"
              role="menuitem"
              onClick={() => {
                close();
                onInspect();
              }}
            >
              Inspect data and queries
            </button>
          )}
        </Menu>
      )}
    </Popover>
  );
}

function exploreAddress(panel: PanelModel, runtime: Runtime): string | null {
  const targets = (panel.targets ?? []).filter((target) => target.expr?.trim() && !target.hide);
  if (targets.length === 0) return null;
  const scope = panelScope(panel, runtime.scope);
  const source = targets[0]!.datasource;
  const uid = interpolate(source?.uid ?? "", scope, "text");
  const found = runtime.sources.find((one) => one.uid === uid) ?? runtime.sources.find((one) => one.type === source?.type);
  const step = computeStep({ ...runtime.range, maxDataPoints: 1000, scrapeInterval: found?.jsonData.timeInterval });
  const filled = withStep(scope, runtime.range, step);
  const queries = targets.map((target) => interpolate(target.expr!, filled, "query"));
  const kind = found?.type === "loki" || (!found && isLogQuery(queries[0]!)) ? "logs" : "metrics";
  return exploreLink({ kind, queries: kind === "logs" ? queries.slice(0, 1) : queries, ...runtime.range.raw, uid: found?.uid });
}
