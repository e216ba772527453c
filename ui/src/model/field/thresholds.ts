/** Which threshold a value has reached. */

import type { FieldConfig, Threshold, Thresholds } from "./types";

export const DEFAULT_THRESHOLDS: Thresholds = {
  mode: "absolute",
  steps: [
    { color: "green", value: null },
    { color: "red", value: 80 },
  ],
};

/** The steps from low to high as absolute values: percentages become values between `min` and `max`. */
export function absoluteSteps(config: FieldConfig): { color: string; value: number }[] {
  const { mode, steps } = config.thresholds ?? { mode: "absolute", steps: [{ color: "green", value: null }] };
  const low = config.min ?? 0;
  const high = config.max ?? 100;
  return [...(steps ?? [])]
    .map((step) => ({ color: step.color, value: step.value ?? -Infinity }))
    .map((step) =>
      mode === "percentage" && Number.isFinite(step.value)
        ? { ...step, value: low + ((high - low) * step.value) / 100 }
        : step,
    )
    .sort((a, b) => a.value - b.value);
}

/** The last step that `value` has reached; the lowest for no value. */
export function activeStep(value: number | null, config: FieldConfig): Threshold | undefined {
  const steps = absoluteSteps(config);
  let active = steps[0];
  if (value === null || Number.isNaN(value)) return active;
  for (const step of steps) if (value >= step.value) active = step;
  return active;
}
