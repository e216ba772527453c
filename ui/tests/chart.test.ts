import { describe, expect, it, vi } from "vitest";

vi.mock("uplot", () => ({ default: { paths: {} } }));

const { tickTexts, timeTexts } = await import("../src/chart/axes");
const { clickLegend, legendRows, readLegend } = await import("../src/chart/legendRows");
const { linearRange, softRange } = await import("../src/chart/scales");
const { chartTable, stackColumns } = await import("../src/chart/series");
const { applyFieldConfig } = await import("../src/model/field/apply");

const frame = (name: string, times: number[], values: (number | null)[]) => ({
  refId: "A",
  fields: [
    { name: "Time", type: "time" as const, values: times, config: {} },
    { name: "Value", type: "number" as const, values, config: {}, sourceName: name },
  ],
});
const table = (custom: Record<string, unknown>, ...frames: ReturnType<typeof frame>[]) =>
  chartTable(applyFieldConfig(frames, { defaults: { custom }, overrides: [] }), "dark");
const T = [0, 1000, 2000];

describe("columns on one time axis", () => {
  it("joins queries with different steps", () => {
    const joined = table({}, frame("a", [0, 1000, 2000], [1, 2, 3]), frame("b", [0, 2000, 4000], [7, 8, 9]));
    expect(joined.times).toEqual([0, 1000, 2000, 4000]);
    expect(joined.series.map((one) => one.values)).toEqual([[1, 2, 3, null], [7, null, 8, 9]]);
  });
  it("stacks, over gaps, and leaves hidden series out", () => {
    const stacked = table({ stacking: { mode: "normal" } }, frame("a", T, [1, 1, 1]), frame("b", T, [2, null, 2]), frame("c", T, [3, 3, 3]));
    expect(stackColumns(stacked, () => true)).toEqual([[1, 1, 1], [3, 1, 3], [6, 4, 6]]);
    expect(stackColumns(stacked, (index) => index !== 1)[2]).toEqual([4, 4, 4]);
  });
  it("stacks to a hundred percent", () => {
    const stacked = table({ stacking: { mode: "percent" } }, frame("a", T, [1, 0, 2]), frame("b", T, [3, 0, 2]));
    expect(stackColumns(stacked, () => true)).toEqual([[0.25, 0, 0.5], [1, 0, 1]]);
  });
  it("mirrors what is negative-Y", () => expect(table({ transform: "negative-Y" }, frame("a", T, [1, null, 2])).series[0]!.values).toEqual([-1, null, -2]));
});

describe("scales", () => {
  it("begin at zero where the data comes near it", () => {
    expect(softRange(1, 10)[0]).toBe(0);
    expect(softRange(990, 1000)[0]).toBeGreaterThan(980);
    expect(softRange(5, 5)).toEqual([2.5, 7.5]);
    expect(softRange(0, 0)).toEqual([0, 1]);
    expect(softRange(Infinity, -Infinity)).toEqual([0, 1]);
  });
  it("keep to set limits", () => {
    expect(linearRange(3, 7, { min: 0, max: 100 })).toEqual([0, 100]);
    expect(linearRange(null, null, { min: 5, max: 5 })).toEqual([5, 6]);
  });
});

describe("ticks", () => {
  it("have just the digits that tell them apart", () => {
    expect(tickTexts([0, 0.5, 1], "none")).toEqual(["0.0", "0.5", "1.0"]);
    expect(tickTexts([0, 1, 2], "none")).toEqual(["0", "1", "2"]);
    expect(tickTexts([0, 512, 1024], "bytes")).toEqual(["0 B", "512 B", "1 KiB"]);
    expect(tickTexts([0, 0.25], "percentunit")).toEqual(["0%", "25%"]);
    expect(tickTexts([1, 2], "none", 2)).toEqual(["1.00", "2.00"]);
  });
  it("of time show the day where one begins", () => {
    const midnight = new Date(2026, 4, 2).getTime() / 1000;
    expect(timeTexts([midnight - 3600, midnight, midnight + 3600], 3600)).toEqual(["23:00", "05-02", "01:00"]);
    expect(timeTexts([midnight + 5], 5)).toEqual(["00:00:05"]);
  });
});

describe("legend", () => {
  const series = table({}, frame("b", T, [1, 2, 3]), frame("a", T, [9, 9, 9])).series;
  it("reads options of every age", () => {
    expect(readLegend(undefined)).toMatchObject({ show: true, mode: "list", placement: "bottom", calcs: [] });
    expect(readLegend({ displayMode: "hidden" }).show).toBe(false);
    expect(readLegend({ showLegend: false }).show).toBe(false);
  });
  it("computes and sorts", () => {
    const rows = (options: object) => legendRows(series, { ...readLegend(options) }).map((row) => row.name);
    expect(rows({ calcs: ["max"], sortBy: "Max", sortDesc: true })).toEqual(["a", "b"]);
    expect(rows({ calcs: ["max"], sortBy: "Max" })).toEqual(["b", "a"]);
    expect(legendRows(series, readLegend({ calcs: ["mean", "lastNotNull"] }))[0]!.cells.map((cell) => cell.text)).toEqual(["2", "3"]);
  });
  it("isolates with a click, hides with a modifier, brings back with a second click", () => {
    const alone = clickLegend(new Set(), 1, 3, false);
    expect([...alone]).toEqual([0, 2]);
    expect([...clickLegend(alone, 1, 3, false)]).toEqual([]);
    expect([...clickLegend(new Set(), 1, 3, true)]).toEqual([1]);
    expect([...clickLegend(new Set([1]), 1, 3, true)]).toEqual([]);
  });
});
