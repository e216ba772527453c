/** From raw values to the list of choices, and which of them is chosen. */

import { ALL, isMulti, type Variable, type VariableModel, type VariableOption } from "./types";

/** The part of each value that `regex` picks out: the first group, or the groups `text` and `value`. */
export function applyRegex(values: readonly string[], regex: string | undefined): VariableOption[] {
  if (!regex) return dedupe(values.map((value) => ({ text: value, value })));
  const parts = /^\/([\s\S]*)\/(\w*)$/.exec(regex);
  let pattern: RegExp;
  try {
    pattern = parts ? new RegExp(parts[1]!, parts[2]) : new RegExp(regex);
  } catch {
    return dedupe(values.map((value) => ({ text: value, value })));
  }
  const found: VariableOption[] = [];
  for (const value of values) {
    const matches = pattern.global ? [...value.matchAll(pattern)] : [pattern.exec(value)];
    for (const match of matches) {
      if (!match) continue;
      const groups = match.groups ?? {};
      const own = groups.value ?? groups.text ?? match[1] ?? match[0];
      found.push({ value: own, text: groups.text ?? own });
    }
  }
  return dedupe(found);
}

function dedupe(options: VariableOption[]): VariableOption[] {
  return [...new Map(options.map((option) => [option.value, option])).values()];
}

const firstNumber = (text: string) => Number(/\d+(\.\d+)?/.exec(text)?.[0] ?? "-1");

/** Grafana's sort numbers: 1/2 alphabetic, 3/4 by number, 5/6 ignoring case, 7/8 natural; even is descending. */
export function sortOptions(options: VariableOption[], sort = 0): VariableOption[] {
  if (!sort) return options;
  const compare: Record<number, (a: string, b: string) => number> = {
    0: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
    1: (a, b) => firstNumber(a) - firstNumber(b),
    2: (a, b) => a.toLowerCase().localeCompare(b.toLowerCase()),
    3: (a, b) => a.localeCompare(b, "en", { numeric: true }),
  };
  const by = compare[Math.ceil(sort / 2) - 1] ?? compare[0]!;
  const sorted = [...options].sort((a, b) => by(a.text, b.text));
  return sort % 2 === 0 ? sorted.reverse() : sorted;
}

/** The choices of a custom variable: `a,b`, `label : value`, with `\,` for a comma. */
export function customOptions(query: string): VariableOption[] {
  return query
    .split(/(?<!\\),/)
    .map((part) => part.replace(/\\,/g, ",").trim())
    .filter(Boolean)
    .map((part) => {
      const pair = /^(.+?)\s+:\s+(.+)$/.exec(part);
      return pair ? { text: pair[1]!, value: pair[2]! } : { text: part, value: part };
    });
}

/** What the document or the address says is chosen, as a list. */
export function asValues(value: unknown): string[] {
  const list = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return list.map((one) => (one === "All" ? ALL : String(one))).filter((one) => one !== "");
}

/**
 * The choice that stands: the wanted one while it exists, else the first option or All.
 * `keep` (a value from the address) survives even when it is not in the list.
 */
export function choose(model: VariableModel, options: VariableOption[], wanted: string[], keep: boolean): string[] {
  const all = model.includeAll;
  const known = new Set(options.map((option) => option.value));
  const usable = wanted.filter((value) => (value === ALL ? all : keep || known.has(value)));
  if (usable.includes(ALL)) return [ALL];
  if (usable.length) return model.multi ? usable : usable.slice(0, 1);
  if (all) return [ALL];
  return options[0] ? [options[0].value] : [];
}

/** What the button of the variable says. */
export function choiceText(variable: Pick<Variable, "model" | "options" | "value">): string {
  if (variable.value.includes(ALL)) return "All";
  const names = new Map(variable.options.map((option) => [option.value, option.text]));
  const texts = variable.value.map((value) => names.get(value) ?? value);
  return texts.join(isMulti(variable as Variable) ? " + " : ", ");
}
