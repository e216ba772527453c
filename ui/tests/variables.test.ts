import { describe, expect, it } from "vitest";
import { interpolate, references } from "../src/model/variables/interpolate";
import { applyRegex, asValues, choose, customOptions, sortOptions } from "../src/model/variables/options";
import { parseVariableQuery, queryText } from "../src/model/variables/query";
import { ALL, type Variable, type VariableModel } from "../src/model/variables/types";

function variable(value: string[], model: Partial<VariableModel> = {}, options = ["a.b", "c"]): Variable {
  return {
    model: { name: "v", type: "query", ...model },
    options: options.map((one) => ({ text: one.toUpperCase(), value: one })),
    value,
    text: value.includes(ALL) ? "All" : value.map((one) => one.toUpperCase()).join(" + "),
  };
}

const scope = (one: Variable) => new Map<string, Variable | string>([["v", one], ["__interval", "30s"], ["__interval_ms", "30000"]]);
const multi = { multi: true, includeAll: true };

describe("interpolate into a query", () => {
  it.each([
    ["x=~\"$v\"", variable(["c"]), 'x=~"c"'],
    ["x=\"$v\"", variable(['say "hi"\\']), 'x="say \\"hi\\"\\\\"'],
    ["x=~\"$v\"", variable(["a.b", "c"], multi), 'x=~"(a\\\\.b|c)"'],
    ["x=~\"$v\"", variable(["a.b"], multi), 'x=~"a\\\\.b"'],
    ["x=~\"$v\"", variable([ALL], multi), 'x=~"(a\\\\.b|c)"'],
    ["x=~\"$v\"", variable([ALL], { ...multi, allValue: ".+" }), 'x=~".+"'],
    ["${v:pipe}", variable(["a.b", "c"], multi), "a.b|c"],
    ["${v:csv}", variable(["a.b", "c"], multi), "a.b,c"],
    ["${v:regex}", variable(["a.b", "c"], multi), "(a\\.b|c)"],
    ["${v:json}", variable(["a.b", "c"], multi), '["a.b","c"]'],
    ["${v:singlequote}", variable(["a.b", "c"], multi), "'a.b','c'"],
    ["${v:queryparam}", variable(["a.b", "c"], multi), "var-v=a.b&var-v=c"],
    ["${v:text}", variable(["a.b", "c"], multi), "A.B + C"],
    ["[[v]] [[v:pipe]]", variable(["a.b", "c"], multi), "(a\\\\.b|c) a.b|c"],
    ["[$__interval] ${__interval_ms}", variable([]), "[30s] 30000"],
    ["$unknown $1 ${1}", variable([]), "$unknown $1 ${1}"],
  ])("%s", (text, one, wanted) => expect(interpolate(text, scope(one), "query")).toBe(wanted));

  it("does not take a longer name for a shorter one", () => {
    const both = new Map<string, Variable | string>([["a", "1"], ["ab", "2"]]);
    expect(interpolate("$ab $a", both, "query")).toBe("2 1");
  });

  it("shows values as they are in texts", () => {
    expect(interpolate("of $v", scope(variable(["a.b"], multi)), "text")).toBe("of a.b");
    expect(interpolate("of $v", scope(variable([ALL], multi)), "text")).toBe("of All");
  });

  it("finds what a text mentions", () => expect([...references("$a ${b:csv} [[c]]")]).toEqual(["a", "b", "c"]));
});

describe("variable queries", () => {
  it.each([
    ["label_values(job)", { kind: "label_values", label: "job" }],
    ["label_values(up{a=\"b\", c=\"d\"}, instance)", { kind: "label_values", label: "instance", selector: 'up{a="b", c="d"}' }],
    ["label_values(up{a=\"b\",c=\"d\"})", { kind: "label_values", label: 'up{a="b",c="d"}' }],
    ["label_names()", { kind: "label_names" }],
    ["metrics(node_.*)", { kind: "metrics", regex: "node_.*" }],
    ["query_result(topk(1, up))", { kind: "query_result", expr: "topk(1, up)" }],
    ["up{job=\"a\"}", { kind: "series", selector: 'up{job="a"}' }],
  ])("%s", (text, wanted) => expect(parseVariableQuery(text)).toEqual(wanted));

  it("reads queries kept in objects", () => {
    expect(queryText({ query: "label_values(a)", refId: "x" })).toBe("label_values(a)");
    expect(queryText({ type: 1, label: "job", stream: '{a="b"}' })).toBe('label_values({a="b"}, job)');
    expect(queryText(undefined, "from the definition")).toBe("from the definition");
  });
});

describe("options", () => {
  it("picks the part that the regex names", () => {
    expect(applyRegex(["up{job=\"a\"} 1 2", "up{job=\"b\"} 1 2", "other"], '/.*job="([^"]*)".*/').map((one) => one.value)).toEqual(["a", "b"]);
    expect(applyRegex(["x-1"], "/(?<text>\\w)-(?<value>\\d)/")).toEqual([{ text: "x", value: "1" }]);
    expect(applyRegex(["a1b2"], "/\\d/g").map((one) => one.value)).toEqual(["1", "2"]);
    expect(applyRegex(["a", "a"], "").length).toBe(1);
  });

  it("sorts in Grafana's eight ways", () => {
    const sort = (way: number) => sortOptions(["b10", "A2", "a1"].map((one) => ({ text: one, value: one })), way).map((one) => one.text);
    expect(sort(0)).toEqual(["b10", "A2", "a1"]);
    expect(sort(1)).toEqual(["A2", "a1", "b10"]);
    expect(sort(3)).toEqual(["a1", "A2", "b10"]);
    expect(sort(4)).toEqual(["b10", "A2", "a1"]);
    expect(sort(5)).toEqual(["a1", "A2", "b10"]);
  });

  it("reads custom lists", () => {
    expect(customOptions("a, b\\,c, Text : value")).toEqual([
      { text: "a", value: "a" },
      { text: "b,c", value: "b,c" },
      { text: "Text", value: "value" },
    ]);
  });

  it("keeps what is chosen while it exists", () => {
    const options = [{ text: "a", value: "a" }, { text: "b", value: "b" }];
    const model: VariableModel = { name: "v", type: "query" };
    expect(choose(model, options, ["b"], false)).toEqual(["b"]);
    expect(choose(model, options, ["gone"], false)).toEqual(["a"]);
    expect(choose(model, options, ["gone"], true)).toEqual(["gone"]);
    expect(choose({ ...model, includeAll: true }, options, ["gone"], false)).toEqual([ALL]);
    expect(choose({ ...model, multi: true }, options, ["a", "b"], false)).toEqual(["a", "b"]);
    expect(choose(model, [], [], false)).toEqual([]);
    expect(asValues("All")).toEqual([ALL]);
  });
});
