/** `filterByRefId`: only the results of some queries. */

import { toRegExp } from "../field/apply";
import type { Frame } from "../frames/types";

export function filterByRefId(frames: Frame[], options: { include?: string }): Frame[] {
  const pattern = options.include ? toRegExp(options.include) : null;
  return pattern ? frames.filter((frame) => pattern.test(frame.refId)) : frames;
}
