/** Grafana's field configuration, the parts that are drawn. */

export interface Threshold {
  color: string;
  value: number | null;
}

export interface Thresholds {
  mode: "absolute" | "percentage";
  steps: Threshold[];
}

export interface MappingResult {
  text?: string;
  color?: string;
  index?: number;
}

export type Mapping =
  | { type: "value"; options: Record<string, MappingResult> }
  | { type: "range"; options: { from: number | null; to: number | null; result: MappingResult } }
  | { type: "regex"; options: { pattern: string; result: MappingResult } }
  | { type: "special"; options: { match: string; result: MappingResult } };

export interface FieldColor {
  mode?: string;
  fixedColor?: string;
  seriesBy?: "last" | "min" | "max";
}

export interface DataLink {
  title?: string;
  url: string;
  targetBlank?: boolean;
}

export interface FieldConfig {
  displayName?: string;
  unit?: string;
  decimals?: number | null;
  min?: number | null;
  max?: number | null;
  noValue?: string;
  color?: FieldColor;
  thresholds?: Thresholds;
  mappings?: Mapping[];
  links?: DataLink[];
  custom?: Record<string, unknown>;
}

export interface Override {
  matcher: { id: string; options?: unknown };
  properties: { id: string; value?: unknown }[];
}

export interface FieldConfigSource {
  defaults: FieldConfig;
  overrides: Override[];
}
