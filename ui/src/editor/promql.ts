/** PromQL for the editor: the official grammar, completion from this data source. */

import { PromQLExtension } from "@prometheus-io/codemirror-promql";
import type { Extension } from "@codemirror/state";
import { proxy } from "../api/vedette";

/** Recent series are enough to complete from, and cheap to ask for. */
const LOOKBACK_MS = 12 * 3_600_000;

export function promql(uid: string): Extension {
  const extension = new PromQLExtension();
  extension.setComplete({
    remote: {
      url: proxy(uid, ""),
      lookbackInterval: LOOKBACK_MS,
      httpMethod: "GET",
      cache: { maxAge: 60_000 },
      // Completion that cannot be had is no error worth a message.
      httpErrorHandler: () => undefined,
    },
    maxMetricsMetadata: 10_000,
  });
  return extension.asExtension();
}
