/** Transformations: frames in, frames out, in the order in which the document lists them. */

import type { Transformation } from "../../dashboard/types";
import { toRegExp } from "../field/apply";
import type { Frame } from "../frames/types";
import { calculateField } from "./calculateField";
import { filterByRefId } from "./filterByRefId";
import { filterFieldsByName } from "./filterFields";
import { groupByFields } from "./groupBy";
import { joinByField } from "./joinByField";
import { joinSeries } from "./joinSeries";
import { labelsToFields } from "./labelsToFields";
import { limit } from "./limit";
import { merge } from "./merge";
import { organize } from "./organize";
import { reduceFrames } from "./reduceFields";
import { renameByRegex } from "./rename";
import { seriesToRows } from "./seriesToRows";
import { sortBy } from "./sortBy";

export interface Transformed {
  frames: Frame[];
  /** Transformations that are not known here; the data went through them unchanged. */
  notes: string[];
}

type Transformer = (frames: Frame[], options: Record<string, unknown>) => Frame[];

const TRANSFORMERS: Record<string, Transformer> = {
  calculateField,
  filterByRefId,
  filterFieldsByName,
  groupBy: groupByFields,
  joinByField,
  labelsToFields,
  limit,
  merge,
  organize,
  prepareTimeSeries: joinSeries,
  reduce: reduceFrames,
  renameByRegex,
  seriesToColumns: joinByField,
  seriesToRows,
  sortBy,
};

export function transform(frames: readonly Frame[], steps: readonly Transformation[]): Transformed {
  const notes: string[] = [];
  let current = [...frames];
  for (const step of steps) {
    if (step.disabled) continue;
    const run = TRANSFORMERS[step.id];
    if (!run) {
      notes.push(`The transformation “${step.id}” is not supported: the data is shown without it.`);
      continue;
    }
    const wanted = typeof step.filter?.options === "string" ? toRegExp(step.filter.options) : null;
    const taken = wanted ? current.filter((frame) => wanted.test(frame.refId)) : current;
    const rest = wanted ? current.filter((frame) => !wanted.test(frame.refId)) : [];
    current = [...run(taken, (step.options ?? {}) as Record<string, unknown>), ...rest];
  }
  return { frames: current, notes };
}
