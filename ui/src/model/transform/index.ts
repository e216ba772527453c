/** Transformations: frames in, frames out, in the order in which the document lists them. */

import type { Transformation } from "../../dashboard/types";
import type { Frame } from "../frames/types";

export interface Transformed {
  frames: Frame[];
  /** Transformations that are not known here; the data went through them unchanged. */
  notes: string[];
}

export type Transformer = (frames: Frame[], options: Record<string, unknown>) => Frame[];

const TRANSFORMERS: Record<string, Transformer> = {};

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
    current = run(current, (step.options ?? {}) as Record<string, unknown>);
  }
  return { frames: current, notes };
}
