/** A dashboard's links: addresses, and other dashboards by tag. */

import { search } from "../api/vedette";
import { Icon } from "../components/Icon";
import { Menu, Popover } from "../components/Popover";
import { useRemote } from "../components/useRemote";
import { interpolate } from "../model/variables/interpolate";
import { withRange } from "./macros";
import { useRuntime, type Runtime } from "./runtime";
import type { DashboardLink } from "./types";

export function DashboardLinks({ links }: { links: readonly DashboardLink[] }) {
  if (links.length === 0) return null;
  return (
    <nav class="dashboard-links" aria-label="Dashboard links">
      {links.map((link, index) =>
        link.type === "dashboards" ? <TaggedLinks key={index} link={link} /> : <PlainLink key={index} link={link} />,
      )}
    </nav>
  );
}

/** `url` with the range and the variables of this dashboard, as the link asks. */
export function carry(url: string, link: DashboardLink, runtime: Runtime): string {
  const [path, query = ""] = url.split("?");
  const params = new URLSearchParams(query);
  if (link.keepTime) {
    params.set("from", runtime.range.raw.from);
    params.set("to", runtime.range.raw.to);
  }
  if (link.includeVars) {
    for (const [name, variable] of runtime.scope) {
      if (typeof variable === "string" || variable.model.skipUrlSync) continue;
      for (const value of variable.value) params.append(`var-${name}`, value);
    }
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path!;
}

function PlainLink({ link }: { link: DashboardLink }) {
  const runtime = useRuntime();
  const url = carry(interpolate(link.url ?? "", withRange(runtime.scope, runtime.range), "text"), link, runtime);
  if (!/^(https?:|\/|mailto:|#)/.test(url)) return null;
  return (
    <a class="button" href={url} title={link.tooltip} target={link.targetBlank ? "_blank" : undefined} rel="noreferrer">
      {link.title || url}
      {link.targetBlank && <Icon name="external" size={12} />}
    </a>
  );
}

function TaggedLinks({ link }: { link: DashboardLink }) {
  const runtime = useRuntime();
  const { data } = useRemote((signal) => search(signal), []);
  const wanted = link.tags ?? [];
  const found = (data ?? []).filter((hit) => wanted.every((tag) => hit.tags.includes(tag)));
  if (found.length === 0) return null;
  const anchor = (url: string, title: string) => (
    <a class={link.asDropdown ? "" : "button"} role={link.asDropdown ? "menuitem" : undefined} key={url} href={carry(url, link, runtime)}>
      {title}
    </a>
  );
  if (!link.asDropdown) return <>{found.map((hit) => anchor(hit.url, hit.title))}</>;
  return (
    <Popover
      label={
        <>
          {link.title || wanted.join(", ") || "Dashboards"} <Icon name="down" size={12} />
        </>
      }
    >
      {() => <Menu>{found.map((hit) => anchor(hit.url, hit.title))}</Menu>}
    </Popover>
  );
}
