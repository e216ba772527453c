/** The values that every query can use besides the dashboard's variables. */

import type { Step } from "../model/time/interval";
import { writeInterval } from "../model/time/interval";
import type { TimeRange } from "../model/time/range";
import type { Scope } from "../model/variables/interpolate";

/** `scope` with the range's macros. */
export function withRange(scope: Scope, range: TimeRange): Map<string, Scope extends ReadonlyMap<string, infer V> ? V : never> {
  const seconds = Math.round((range.toMs - range.fromMs) / 1000);
  return new Map(scope)
    .set("__from", String(range.fromMs))
    .set("__to", String(range.toMs))
    .set("__range", `${seconds}s`)
    .set("__range_s", String(seconds))
    .set("__range_ms", String(range.toMs - range.fromMs))
    .set("__timezone", Intl.DateTimeFormat().resolvedOptions().timeZone);
}

/** `scope` with the step's macros as well. */
export function withStep(scope: Scope, range: TimeRange, step: Step): Scope {
  return withRange(scope, range)
    .set("__interval", writeInterval(step.stepMs))
    .set("__interval_ms", String(step.stepMs))
    .set("__rate_interval", writeExact(step.rateIntervalMs))
    .set("__rate_interval_ms", String(step.rateIntervalMs))
    .set("__auto", writeInterval(step.stepMs));
}

/** `$__rate_interval` keeps its remainder: 90 s is `1m30s`, not `1m`. */
function writeExact(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds}s`;
  return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m0s`;
}
