import { describe, expect, it } from "vitest";
import { placeOf, wordsOf } from "../src/model/promqlPlace";
import { formatSeconds, splitText, traceRows, traceText, type OperatorTrace } from "../src/model/trace";

const operator = (text: string, own: number, children: OperatorTrace[] = [], more: Partial<OperatorTrace> = {}): OperatorTrace => ({
  operator: text.split(" ")[0]!,
  text,
  parameters: {},
  notes: [],
  calls: 1,
  reused: false,
  ownSeconds: own,
  totalSeconds: own + children.reduce((sum, child) => sum + child.totalSeconds, 0),
  busySeconds: 0,
  indexSeconds: 0,
  readSeconds: 0,
  batches: 0,
  seriesIn: 0,
  seriesOut: 1,
  steps: 1,
  samplesRead: 0,
  peakSamples: 0,
  children,
  ...more,
});

const trace = (plan: OperatorTrace) => ({ parseSeconds: 0, planSeconds: 0, evalSeconds: 0.1, seriesRead: 1, samplesRead: 1, peakSamples: 1, plan });

const PLAN = operator("join /", 0.005, [
  operator("aggregate sum", 0.005, [operator("select a", 0.06, [], { samplesRead: 1200, seriesIn: 1500, seriesOut: 1500 })]),
  operator("select b", 0.01),
]);

describe("rows of a trace", () => {
  it("stand in the order of the plan, with the lines that tie them", () => {
    const rows = traceRows(trace(PLAN));
    expect(rows.map((row) => row.node.text)).toEqual(["join /", "aggregate sum", "select a", "select b"]);
    expect(rows.map((row) => row.depth)).toEqual([0, 1, 2, 1]);
    expect(rows.map((row) => row.last)).toEqual([true, false, true, true]);
    // Beneath the first of two inputs the line to the second goes on.
    expect(rows[2]!.guides).toEqual([false, true]);
  });

  it("measure parts of the whole and name the slowest", () => {
    const rows = traceRows(trace(PLAN));
    expect(rows[0]!.total).toBe(1);
    expect(rows[2]!.own).toBeCloseTo(0.75);
    expect(rows.filter((row) => row.slowest).map((row) => row.node.text)).toEqual(["select a"]);
    expect(traceRows(trace(operator("number 1", 0.09))).some((row) => row.slowest)).toBe(false);
  });

  it("carry marks for how the operator worked", () => {
    const marks = (more: Partial<OperatorTrace>) => traceRows(trace(operator("window rate", 0.1, [], more)))[0]!.marks;
    expect(marks({})).toEqual([]);
    expect(marks({ reused: true, notes: ["fused: samples"] })).toEqual(["reused", "fused"]);
    expect(marks({ busySeconds: 0.19, batches: 4 })).toEqual(["1.9 threads"]);
  });

  it("can be pasted as text", () => {
    expect(traceText(trace(PLAN)).split("\n")[2]).toBe("    select a  (own 60.0 ms, total 60.0 ms, series 1,500 to 1,500, 1,200 samples)");
  });

  it("split an operator from its arguments", () => {
    expect(splitText(operator("window rate", 0))).toEqual(["window", "rate"]);
    expect(splitText(operator("number 5", 0, [], { operator: "once" }))).toEqual(["once", "number 5"]);
  });

  it.each([
    [0, "0"],
    [0.000_031, "31 µs"],
    [0.001_72, "1.72 ms"],
    [0.25, "250 ms"],
    [12.34, "12.3 s"],
  ])("%d seconds are %s", (seconds, text) => expect(formatSeconds(seconds)).toBe(text));
});

describe("places in a query", () => {
  it("are found by line and byte", () => {
    expect(placeOf('invalid parameter "query": 2:4: parse error: unexpected <by>', "a +\nü by c")).toEqual({ before: "ü ", at: "by", after: " c" });
    expect(placeOf("PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)", "quantile(2, x)")).toEqual({ before: "quantile(", at: "2", after: ", x)" });
  });

  it("may be the end", () => {
    expect(placeOf("1:5: parse error: unclosed left parenthesis", "sum(")).toEqual({ before: "sum(", at: "", after: "" });
  });

  it("may be missing or wrong", () => {
    expect(placeOf("many-to-many matching not allowed", "a + b")).toBeNull();
    expect(placeOf("7:1: parse error: x", "a")).toBeNull();
    expect(placeOf("1:99: parse error: x", "a")).toBeNull();
  });

  it("leave the words alone", () => {
    expect(wordsOf('invalid parameter "query": 1:3: parse error: unexpected "x"')).toBe('unexpected "x"');
    expect(wordsOf("PromQL info: metric might not be a counter (1:6)")).toBe("metric might not be a counter");
  });
});
