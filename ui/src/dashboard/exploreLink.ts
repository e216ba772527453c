/** The address of Explore for a query. */

export interface ExploreState {
  kind: "metrics" | "logs";
  queries: string[];
  from?: string;
  to?: string;
  uid?: string;
}

export function exploreLink(state: ExploreState): string {
  const params = new URLSearchParams();
  for (const query of state.queries) params.append("q", query);
  if (state.from) params.set("from", state.from);
  if (state.to) params.set("to", state.to);
  if (state.uid) params.set("ds", state.uid);
  const text = params.toString();
  return `/explore/${state.kind}${text ? `?${text}` : ""}`;
}
