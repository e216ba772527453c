/** Variables with their choices: asked in the order in which they depend on each other. */

import { isAbort, messageOf } from "../api/http";
import * as loki from "../api/loki";
import * as prometheus from "../api/prometheus";
import type { DataSourceInfo } from "../api/vedette";
import { seriesName } from "../model/frames/names";
import { computeStep, roundInterval, writeInterval } from "../model/time/interval";
import { parseDuration } from "../model/time/duration";
import type { TimeRange } from "../model/time/range";
import { interpolate, references, type Scope } from "../model/variables/interpolate";
import { applyRegex, asValues, choiceText, choose, customOptions, sortOptions } from "../model/variables/options";
import { parseVariableQuery, queryText } from "../model/variables/query";
import type { Variable, VariableModel, VariableOption } from "../model/variables/types";
import { withStep } from "./macros";

export interface VariableContext {
  range: TimeRange;
  sources: readonly DataSourceInfo[];
  /** Values from the address, by name. */
  chosen: ReadonlyMap<string, string[]>;
  signal?: AbortSignal;
}

/** All variables of a dashboard, each with its options and its choice. Failures stay with their variable. */
export async function loadVariables(models: readonly VariableModel[], context: VariableContext): Promise<Variable[]> {
  const done = new Map<string, Variable>();
  let waiting = models.filter((model) => model.name);
  const names = new Set(waiting.map((model) => model.name));
  while (waiting.length) {
    const ready = waiting.filter((model) => needs(model, names).every((name) => done.has(name)));
    if (ready.length === 0) {
      // A circle: nobody in it can be asked first.
      for (const model of waiting)
        done.set(model.name, { model, options: [], value: [], text: "", error: `“${model.name}” and another variable need each other.` });
      break;
    }
    const loaded = await Promise.all(ready.map((model) => loadVariable(model, scopeOf([...done.values()]), context)));
    for (const variable of loaded) done.set(variable.model.name, variable);
    waiting = waiting.filter((model) => !done.has(model.name));
  }
  return models.flatMap((model) => done.get(model.name) ?? []);
}

function needs(model: VariableModel, names: ReadonlySet<string>): string[] {
  const text = [queryText(model.query, model.definition), model.datasource?.uid ?? "", model.regex ?? ""].join(" ");
  return [...references(text)].filter((name) => name !== model.name && names.has(name));
}

/** What queries see: each variable by its name. */
export function scopeOf(variables: readonly Variable[]): Map<string, Variable | string> {
  return new Map(variables.map((variable) => [variable.model.name, variable]));
}

async function loadVariable(model: VariableModel, scope: Scope, context: VariableContext): Promise<Variable> {
  const fromUrl = context.chosen.get(model.name);
  const saved = asValues(model.current?.value);
  let options: VariableOption[] = [];
  let error: string | undefined;
  try {
    options = await optionsOf(model, scope, context);
  } catch (problem) {
    if (isAbort(problem)) throw problem;
    error = messageOf(problem);
  }
  const free = model.type === "textbox" || model.type === "constant" || model.type === "adhoc";
  const wanted = fromUrl ?? saved;
  const value = free
    ? [wanted[0] ?? queryText(model.query)]
    : choose(model, options, sourceUid(model, wanted, context), Boolean(fromUrl) || Boolean(error));
  if (model.type === "interval" && (value[0] === "auto" || value[0]?.startsWith("$__auto"))) {
    const auto = autoInterval(model, context.range);
    return { model, options, value: [auto], text: "auto", error };
  }
  return { model, options, value, text: choiceText({ model, options, value }), error };
}

/** Old documents choose a data source by name; placeholders of an export choose none. */
function sourceUid(model: VariableModel, wanted: string[], context: VariableContext): string[] {
  if (model.type !== "datasource") return wanted;
  return wanted.map((one) => context.sources.find((source) => source.name === one)?.uid ?? one);
}

function autoInterval(model: VariableModel, range: TimeRange): string {
  const rounded = roundInterval((range.toMs - range.fromMs) / (model.auto_count ?? 30));
  return writeInterval(Math.max(rounded, parseDuration(model.auto_min ?? "10s") ?? 10_000));
}

async function optionsOf(model: VariableModel, scope: Scope, context: VariableContext): Promise<VariableOption[]> {
  const text = queryText(model.query, model.definition);
  switch (model.type) {
    case "custom":
      return customOptions(interpolate(text, scope, "text"));
    case "interval": {
      const given = customOptions(text);
      return model.auto ? [{ text: "auto", value: "auto" }, ...given] : given;
    }
    case "datasource":
      return context.sources
        .filter((source) => source.type === text)
        .filter((source) => !model.regex || applyRegex([source.name], model.regex).length > 0)
        .map((source) => ({ text: source.name, value: source.uid }));
    case "query": {
      const values = await askSource(model, text, scope, context);
      return sortOptions(applyRegex(values, model.regex && interpolate(model.regex, scope, "text")), model.sort);
    }
    case "textbox":
    case "constant":
    case "adhoc":
      return [];
    default:
      return (model.options ?? []).map((option) => ({ text: String(option.text), value: String(option.value) }));
  }
}

async function askSource(model: VariableModel, text: string, scope: Scope, context: VariableContext): Promise<string[]> {
  if (!text.trim()) return [];
  const uid = interpolate(model.datasource?.uid ?? "", scope, "text");
  const kind = model.datasource?.type ?? "prometheus";
  const source =
    context.sources.find((one) => one.uid === uid || one.name === uid) ?? context.sources.find((one) => one.type === kind);
  if (!source) throw new Error(`The data source “${uid || kind}” does not exist here.`);
  const step = computeStep({ ...context.range, maxDataPoints: 1000, scrapeInterval: source.jsonData.timeInterval });
  const filled = interpolate(text, withStep(scope, context.range, step), "query");
  return source.type === "loki" ? askLoki(source.uid, filled, context) : askPrometheus(source.uid, filled, context);
}

async function askPrometheus(uid: string, text: string, context: VariableContext): Promise<string[]> {
  const { range, signal } = context;
  const query = parseVariableQuery(text);
  switch (query.kind) {
    case "label_names":
      return prometheus.labelNames(uid, range, signal);
    case "label_values":
      return prometheus.labelValues(uid, query.label, query.selector, range, signal);
    case "metrics": {
      const names = await prometheus.labelValues(uid, "__name__", undefined, range, signal);
      const pattern = new RegExp(query.regex || ".*");
      return names.filter((name) => pattern.test(name));
    }
    case "query_result": {
      const { data } = await prometheus.queryInstant(uid, query.expr, range.toMs, signal);
      if (data.resultType === "scalar" || data.resultType === "string") return [data.result[1]];
      return data.result.flatMap((one) => {
        const value = "value" in one && one.value ? one.value : undefined;
        return value ? [`${seriesName(one.metric)} ${value[1]} ${value[0] * 1000}`] : [];
      });
    }
    case "series":
      return (await prometheus.series(uid, query.selector, range, signal)).map(seriesName);
  }
}

async function askLoki(uid: string, text: string, context: VariableContext): Promise<string[]> {
  const { range, signal } = context;
  const query = parseVariableQuery(text);
  if (query.kind === "label_names") return loki.labels(uid, range, signal);
  if (query.kind === "label_values") return loki.labelValues(uid, query.label, query.selector, range, signal);
  if (query.kind === "series") return (await loki.series(uid, query.selector, range, signal)).map(seriesName);
  throw new Error(`“${text}” is a query for metrics; a log source answers label_names() and label_values().`);
}
