/** Dashboard variables: as the document has them, and as they stand while it is shown. */

export interface VariableOption {
  text: string;
  value: string;
}

export interface VariableModel {
  name: string;
  type: string;
  label?: string;
  query?: string | Record<string, unknown>;
  definition?: string;
  datasource?: { type?: string; uid?: string };
  regex?: string;
  sort?: number;
  refresh?: number;
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string | null;
  hide?: number;
  skipUrlSync?: boolean;
  current?: { text?: unknown; value?: unknown };
  options?: { text?: unknown; value?: unknown; selected?: boolean }[];
  auto?: boolean;
  auto_count?: number;
  auto_min?: string;
}

/** A variable with its choices and what is chosen. All is the single value `$__all`. */
export interface Variable {
  model: VariableModel;
  options: VariableOption[];
  value: string[];
  text: string;
  error?: string;
  loading?: boolean;
}

export const ALL = "$__all";

export function isMulti(variable: Variable): boolean {
  return Boolean(variable.model.multi || variable.model.includeAll);
}

/** The values that stand for the choice: every option for All. */
export function chosenValues(variable: Variable): string[] {
  return variable.value.includes(ALL) ? variable.options.map((option) => option.value) : variable.value;
}
