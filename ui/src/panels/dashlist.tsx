/** Links to other dashboards, as a panel. */

import { search } from "../api/vedette";
import { Empty, Failure, Loading } from "../components/States";
import { useRemote } from "../components/useRemote";
import type { PanelProps } from "./types";

export default function DashListPanel({ panel, height }: PanelProps) {
  const { tags = [], query = "", maxItems = 30 } = panel.options as { tags?: string[]; query?: string; maxItems?: number };
  const { data, error } = useRemote((signal) => search(signal), [], 60_000);
  if (error) return <Failure title="The list cannot be read" message={error} />;
  if (!data) return <Loading />;
  const hits = data.filter((hit) => tags.every((tag) => hit.tags.includes(tag)) && hit.title.toLowerCase().includes(query.toLowerCase()));
  if (hits.length === 0) return <Empty icon="dashboards" title="No dashboard matches" />;
  return (
    <ul class="list scroll" style={{ height: `${height}px` }}>
      {hits.slice(0, maxItems).map((hit) => (
        <li class="list-row" key={hit.uid}>
          <a class="list-main" href={hit.url}>
            {hit.title}
          </a>
        </li>
      ))}
    </ul>
  );
}
