/** Query results as columns: what every panel and transformation works on. */

import type { FieldConfig } from "../field/types";

export type FieldType = "time" | "number" | "string" | "other";
export type Cell = number | string | null | Record<string, string>;

export interface Field<T = Cell> {
  name: string;
  type: FieldType;
  values: T[];
  labels?: Record<string, string>;
  config: FieldConfig;
  /** The name that the data source made (legendFormat); `config.displayName` wins over it. */
  sourceName?: string;
}

export interface Frame {
  refId: string;
  name?: string;
  fields: Field[];
  /** What the server wants people to know: warnings travel with the data. */
  notices?: string[];
  kind?: "logs" | "heatmap";
}

export function frameLength(frame: Frame): number {
  return frame.fields[0]?.values.length ?? 0;
}

export function timeField(frame: Frame): Field<number> | undefined {
  return frame.fields.find((field) => field.type === "time") as Field<number> | undefined;
}

/** The columns of numbers, each with the frame it belongs to. */
export function numberFields(frames: readonly Frame[]): { frame: Frame; field: Field<number | null> }[] {
  return frames.flatMap((frame) =>
    frame.fields
      .filter((field) => field.type === "number")
      .map((field) => ({ frame, field: field as Field<number | null> })),
  );
}
