/** LogQL for the editor: colours, and completion of labels, values, stages and functions. */

import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { StreamLanguage, type StringStream } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import * as loki from "../api/loki";
import { AGGREGATIONS, placeOf, RANGE_FUNCTIONS, STAGES, words, type Kind } from "../model/logs/logql";

const TAGS: Record<Kind, string | null> = {
  function: "keyword",
  keyword: "keyword",
  label: "labelName",
  string: "string",
  number: "number",
  duration: "number",
  operator: "operator",
  bracket: "punctuation",
  comment: "comment",
  space: null,
};

const grammar = StreamLanguage.define<null>({
  name: "logql",
  startState: () => null,
  token(stream: StringStream) {
    const word = words(stream.string.slice(stream.pos))[0];
    if (!word) {
      stream.next();
      return null;
    }
    stream.pos += word.text.length;
    return TAGS[word.kind];
  },
});

const STAGE_HELP: Record<string, string> = {
  json: "fields of JSON lines become labels",
  logfmt: "fields of key=value lines become labels",
  pattern: "fields by a pattern such as <ip> - <_>",
  regexp: "fields by named groups",
  unpack: "labels packed by a shipper",
  line_format: "writes the line anew from a template",
  label_format: "renames or writes labels",
  unwrap: "takes a label’s number for a range function",
  drop: "removes labels",
  keep: "removes all other labels",
  decolorize: "removes terminal colours",
  distinct: "one line for each value of a label",
};

type Range = () => { fromMs: number; toMs: number };

async function complete(uid: string, range: Range, context: CompletionContext): Promise<CompletionResult | null> {
  const before = context.state.sliceDoc(0, context.pos);
  const place = placeOf(before);
  const options = await choices(uid, range, place).catch((): Completion[] => []);
  if (place.at === "none" || options.length === 0) return null;
  if (!context.explicit && place.at === "start" && place.from === context.pos) return null;
  return { from: place.from, options, validFor: /^[\w.:/-]*$/ };
}

async function choices(uid: string, range: Range, place: ReturnType<typeof placeOf>): Promise<Completion[]> {
  switch (place.at) {
    case "label-name":
      return (await loki.labels(uid, range())).map((label) => ({ label, type: "property", apply: `${label}="` }));
    case "grouping":
      return (await loki.labels(uid, range())).map((label) => ({ label, type: "property" }));
    case "label-value": {
      const values = await loki.labelValues(uid, place.label, place.selector || undefined, range());
      return values.map((value) => ({ label: value, type: "text", apply: applyValue }));
    }
    case "stage":
      return STAGES.map((label) => ({ label, type: "keyword", detail: STAGE_HELP[label] }));
    case "start":
      return [
        ...RANGE_FUNCTIONS.map((label) => ({ label, type: "function", detail: "over a range", apply: `${label}(` })),
        ...AGGREGATIONS.map((label) => ({ label, type: "function", detail: "of series", apply: `${label} ` })),
        { label: "{", detail: "a stream selector", type: "text" },
      ];
    default:
      return [];
  }
}

/** A value with the quotes that are still missing around it. */
const applyValue: Completion["apply"] = (view, completion, from, to) => {
  const before = view.state.sliceDoc(from - 1, from) === '"' ? "" : '"';
  const after = view.state.sliceDoc(to, to + 1) === '"' ? "" : '"';
  const text = before + completion.label.replace(/\\/g, "\\\\").replace(/"/g, '\\"') + after;
  view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length + (after ? 0 : 1) } });
};

export function logql(uid: string, range: Range): Extension {
  return [grammar, autocompletion({ override: [(context) => complete(uid, range, context)], icons: false })];
}
