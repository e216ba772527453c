import { describe, expect, it } from "vitest";
import { applyFieldConfig, toRegExp } from "../src/model/field/apply";
import { namedColor, seriesColor, valueColor, withAlpha } from "../src/model/field/colors";
import { show, shownText } from "../src/model/field/display";
import { singleValues } from "../src/model/field/single";
import { absoluteSteps, activeStep } from "../src/model/field/thresholds";
import type { FieldConfig, Mapping } from "../src/model/field/types";
import type { Frame } from "../src/model/frames/types";

const series = (name: string, values: (number | null)[], refId = "A"): Frame => ({
  refId,
  fields: [
    { name: "Time", type: "time", values: values.map((_, i) => i * 1000), config: {} },
    { name: "Value", type: "number", values, config: {}, sourceName: name },
  ],
});

describe("overrides", () => {
  const frames = [series("cpu in", [1, 2]), series("cpu out", [3, 90], "B")];
  const withOverride = (id: string, options: unknown) =>
    applyFieldConfig(frames, { defaults: { unit: "short" }, overrides: [{ matcher: { id, options }, properties: [{ id: "unit", value: "bytes" }, { id: "custom.fillOpacity", value: 30 }] }] }).map((frame) => frame.fields[1]!.config.unit);
  it.each([
    ["byName", "cpu in", ["bytes", "short"]],
    ["byRegexp", "/OUT$/i", ["short", "bytes"]],
    ["byFrameRefID", "B", ["short", "bytes"]],
    ["byType", "number", ["bytes", "bytes"]],
    ["byNames", { names: ["cpu out"] }, ["short", "bytes"]],
    ["byValue", { reducer: "max", op: "gte", value: 50 }, ["short", "bytes"]],
    ["unknown", "x", ["short", "short"]],
  ])("%s %s", (id, options, wanted) => expect(withOverride(id, options)).toEqual(wanted));

  it("leave the given frames alone", () => expect(frames[0]!.fields[1]!.config).toEqual({}));
  it("survive a broken pattern", () => expect(toRegExp("/(/")).toBeNull());
});

describe("thresholds", () => {
  const config: FieldConfig = { min: 0, max: 200, thresholds: { mode: "percentage", steps: [{ color: "red", value: 90 }, { color: "green", value: null }] } };
  it("are sorted, and percentages lie between min and max", () => expect(absoluteSteps(config).map((step) => step.value)).toEqual([-Infinity, 180]));
  it.each([[179, "green"], [180, "red"], [null, "green"], [NaN, "green"]])("%s is %s", (value, wanted) => expect(activeStep(value, config)?.color).toBe(wanted));
});

describe("colours", () => {
  it("have names that differ by theme", () => {
    expect(namedColor("green", "dark")).not.toBe(namedColor("green", "light"));
    expect(namedColor("dark-green", "dark")).toMatch(/^#[0-9a-f]{6}$/);
    expect(namedColor("#abc", "dark")).toBe("#abc");
    expect(withAlpha("#ff0000", 0.5)).toBe("rgba(255, 0, 0, 0.5)");
  });
  it("follow the mode", () => {
    expect(valueColor(5, { color: { mode: "fixed", fixedColor: "red" } }, "dark")).toBe(namedColor("red", "dark"));
    expect(valueColor(50, { min: 0, max: 100, color: { mode: "continuous-GrYlRd" } }, "dark")).toBe("#fade2a");
    expect(seriesColor([1], {}, "dark", 0, "a")).not.toBe(seriesColor([1], {}, "dark", 2, "b"));
  });
});

describe("values as shown", () => {
  const mappings: Mapping[] = [
    { type: "value", options: { "0": { text: "DOWN", color: "red" } } },
    { type: "range", options: { from: 1, to: 5, result: { text: "few" } } },
    { type: "regex", options: { pattern: "^v(\\d+)", result: { text: "version $1" } } },
    { type: "special", options: { match: "null", result: { text: "nothing" } } },
  ];
  it.each([
    [0, "DOWN"],
    [3, "few"],
    ["v12", "version 12"],
    [null, "nothing"],
    [7, "7 B"],
    [Infinity, "+Inf"],
  ])("%s reads %s", (value, wanted) => expect(shownText(show(value, { mappings, unit: "bytes" }, "dark"))).toBe(wanted));
  it("carry the mapping's colour", () => expect(show(0, { mappings }, "dark").color).toBe(namedColor("red", "dark")));
  it("use noValue for nothing", () => expect(shownText(show(null, { noValue: "none" }, "dark"))).toBe("none"));
});

describe("single values", () => {
  const frames = [series("a", [1, 5, null]), series("b", [2, 3, 4])];
  it("are one for each field", () => expect(singleValues(frames, { calcs: ["max"] }).map((one) => [one.name, one.value])).toEqual([["a", 5], ["b", 4]]));
  it("are one for each row when asked", () => expect(singleValues(frames, { values: true }).length).toBe(6));
  it("take fields by pattern", () => expect(singleValues(frames, { fields: "/^b$/" }).map((one) => one.name)).toEqual(["b"]));
  it("get limits from the data, and 0 to 100 for percent", () => {
    expect(singleValues(frames)[0]!.config).toMatchObject({ min: 0, max: 5 });
    const percent = applyFieldConfig(frames, { defaults: { unit: "percent" }, overrides: [] });
    expect(singleValues(percent)[0]!.config).toMatchObject({ min: 0, max: 100 });
  });
});
