/** A panel type that is not drawn here: says so, and shows the data. */

import { Empty } from "../components/States";
import type { PanelProps } from "./types";

export function UnknownPanel({ panel }: PanelProps) {
  return (
    <Empty icon="info" title={`Panels of type “${panel.type}” are not drawn here`}>
      The query works: open it in Explore from the panel’s menu.
    </Empty>
  );
}
