import { describe, expect, it } from "vitest";
import { bucketFrames, matrixFrames, parseValue, tableFrame, vectorFrames, type PromResult } from "../src/model/frames/prometheus";
import { logLines } from "../src/model/frames/loki";
import { displayName, nameSeries, seriesName } from "../src/model/frames/names";
import { calc } from "../src/model/frames/reduce";
import { frameCsv } from "../src/model/frames/csv";

const naming = { refId: "A", expr: "up" };

describe("a range's answer", () => {
  it("stands on the step grid with gaps as nulls", () => {
    const result = { resultType: "matrix" as const, result: [{ metric: { job: "a" }, values: [[10, "1"], [30, "NaN"], [40, "+Inf"]] as [number, string][] }] };
    const [frame] = matrixFrames(result, naming, { fromMs: 0, toMs: 40_000, stepMs: 10_000 });
    expect(frame!.fields[0]!.values).toEqual([0, 10_000, 20_000, 30_000, 40_000]);
    expect(frame!.fields[1]!.values).toEqual([null, 1, null, NaN, Infinity]);
  });

  it("as a table has labels in order and the value last", () => {
    const result: PromResult = { resultType: "vector", result: [{ metric: { job: "a", az: "x" }, value: [5, "2"] }, { metric: { job: "b" }, value: [5, "3"] }] };
    const frame = tableFrame(result, naming, "Value #A");
    expect(frame.fields.map((field) => field.name)).toEqual(["Time", "az", "job", "Value #A"]);
    expect(frame.fields.map((field) => field.values[1])).toEqual([5000, "", "b", 3]);
  });

  it("of a scalar is one series", () => {
    expect(vectorFrames({ resultType: "scalar", result: [1, "42"] }, naming)[0]!.fields[1]!.values).toEqual([42]);
  });

  it("of cumulative buckets becomes counts of each", () => {
    const series = (le: string, value: string) => ({ metric: { le }, values: [[0, value]] as [number, string][] });
    const frames = matrixFrames({ resultType: "matrix", result: [series("+Inf", "10"), series("1", "4"), series("2", "9")] }, naming, { fromMs: 0, toMs: 0, stepMs: 1000 });
    expect(bucketFrames(frames).map((frame) => [frame.fields[1]!.sourceName, frame.fields[1]!.values[0]])).toEqual([["1", 4], ["2", 5], ["+Inf", 1]]);
  });

  it.each([["NaN", NaN], ["+Inf", Infinity], ["-Inf", -Infinity], ["1e3", 1000]])("%s", (text, wanted) => expect(parseValue(text)).toBe(wanted));
});

describe("names of series", () => {
  const all = [{ __name__: "up", job: "a", az: "x" }, { __name__: "up", job: "b", az: "x" }];
  it("are what Prometheus writes", () => {
    expect(seriesName(all[0]!)).toBe('up{az="x", job="a"}');
    expect(seriesName({ __name__: "up" })).toBe("up");
    expect(nameSeries([{}], "", "sum(up)")).toEqual(["sum(up)"]);
  });
  it("are filled in from legendFormat", () => expect(nameSeries(all, "{{job}} {{ missing }}!", "")).toEqual(["a !", "b !"]));
  it("tell series apart shortly with __auto", () => {
    expect(nameSeries(all, "__auto", "")).toEqual(["a", "b"]);
    expect(nameSeries([{}], "__auto", "sum(up)")).toEqual(["sum(up)"]);
  });
  it("give way to a configured display name", () => {
    const field = { name: "Value", type: "number" as const, values: [], labels: { job: "a" }, config: { displayName: "of ${__field.labels.job}" }, sourceName: "s" };
    expect(displayName(field)).toBe("of a");
    expect(displayName({ ...field, config: {} })).toBe("s");
  });
});

describe("calcs", () => {
  const values = [null, 3, NaN, 1, 2, null];
  it.each([
    ["lastNotNull", 2],
    ["last", null],
    ["firstNotNull", 3],
    ["min", 1],
    ["max", 3],
    ["mean", 2],
    ["sum", 6],
    ["range", 2],
    ["diff", -1],
    ["avg", 2],
    ["p50", 2],
    ["unknown", 2],
  ])("%s", (id, wanted) => expect(calc(id).run(values)).toBe(wanted));
  it("of nothing are nothing", () => expect(["min", "max", "mean", "sum", "lastNotNull"].map((id) => calc(id).run([null]))).toEqual([null, null, null, null, null]));
  it("delta survives a counter's reset", () => expect(calc("delta").run([1, 5, 2, 4])).toBe(8));
});

describe("log lines", () => {
  it("of several streams are in one order, to the nanosecond", () => {
    const lines = logLines([
      { stream: { a: "1" }, values: [["1700000000000000002", "second"], ["1700000000000000000", "first"]] },
      { stream: { a: "2" }, values: [["1700000000000000001", "between", { trace: "t" }]] },
    ]);
    expect(lines.map((line) => line.line)).toEqual(["second", "between", "first"]);
    expect(lines[1]!.labels).toEqual({ a: "2", trace: "t" });
    expect(new Set(lines.map((line) => line.key)).size).toBe(3);
  });
});

it("CSV quotes what needs it", () => {
  const frame = { refId: "A", fields: [{ name: "Time", type: "time" as const, values: [0], config: {} }, { name: 'say "hi"', type: "string" as const, values: ["a,b"], config: {} }] };
  expect(frameCsv(frame)).toBe('Time,"say ""hi"""\n1970-01-01T00:00:00.000Z,"a,b"\n');
});
