import { describe, expect, it } from "vitest";
import { displayName } from "../src/model/frames/names";
import type { Cell, Frame } from "../src/model/frames/types";
import { transform } from "../src/model/transform";

const table = (refId: string, columns: Record<string, Cell[]>): Frame => ({
  refId,
  fields: Object.entries(columns).map(([name, values]) => ({
    name,
    type: name === "Time" ? "time" : typeof values[0] === "number" ? "number" : "string",
    values,
    config: {},
  })),
});
const run = (frames: Frame[], id: string, options: object = {}) => transform(frames, [{ id, options }]).frames;
const columns = (frame: Frame | undefined) => Object.fromEntries((frame?.fields ?? []).map((field) => [displayName(field, frame), field.values]));

const size = table("A", { Time: [1, 1], mount: ["/", "/boot"], "Value #A": [100, 10] });
const free = table("B", { Time: [1, 1], mount: ["/boot", "/"], "Value #B": [4, 60] });

describe("transformations", () => {
  it("merge puts equal rows together", () =>
    expect(columns(run([size, free], "merge")[0])).toEqual({ Time: [1, 1], mount: ["/", "/boot"], "Value #A": [100, 10], "Value #B": [60, 4] }));

  it("joinByField joins on the named field, and numbers what would clash", () => {
    expect(columns(run([size, free], "joinByField", { byField: "mount" })[0])).toEqual({ mount: ["/", "/boot"], Time: [1, 1], "Value #A": [100, 10], "Time 1": [1, 1], "Value #B": [60, 4] });
    const inner = run([size, table("B", { mount: ["/"], x: [1] })], "joinByField", { byField: "mount", mode: "inner" });
    expect(columns(inner[0]).mount).toEqual(["/"]);
  });

  it("organize leaves out, orders and renames", () => {
    const [frame] = run([size], "organize", { excludeByName: { Time: true }, indexByName: { "Value #A": 0, mount: 1 }, renameByName: { "Value #A": "Size" } });
    expect(frame!.fields.map((field) => displayName(field, frame))).toEqual(["Size", "mount"]);
  });

  it("filterFieldsByName keeps, then drops", () =>
    expect(Object.keys(columns(run([size], "filterFieldsByName", { include: { pattern: "/mount|Value/" }, exclude: { names: ["mount"] } })[0]))).toEqual(["Value #A"]));

  it("renameByRegex", () => expect(Object.keys(columns(run([size], "renameByRegex", { regex: "/Value #(.*)/", renamePattern: "of $1" })[0]))).toContain("of A"));

  it("groupBy reduces", () => {
    const frame = table("A", { job: ["x", "y", "x"], v: [1, 2, 3] });
    expect(columns(run([frame], "groupBy", { fields: { job: { operation: "groupby" }, v: { operation: "aggregate", aggregations: ["sum", "max"] } } })[0])).toEqual({ job: ["x", "y"], "v (sum)": [4, 2], "v (max)": [3, 2] });
  });

  it("sortBy", () => expect(columns(run([size], "sortBy", { sort: [{ field: "Value #A" }] })[0]).mount).toEqual(["/boot", "/"]));

  it("reduce makes rows of series", () => {
    const series = (name: string, values: number[]): Frame => ({ refId: "A", fields: [{ name: "Time", type: "time", values: values.map((_, i) => i), config: {} }, { name: "Value", type: "number", values, config: {}, sourceName: name, labels: { job: name } }] });
    expect(columns(run([series("a", [1, 2]), series("b", [5, 3])], "reduce", { reducers: ["max", "lastNotNull"] })[0])).toEqual({ Field: ["a", "b"], Max: [2, 5], "Last *": [2, 3] });
    expect(columns(run([series("a", [1]), series("b", [5])], "labelsToFields")[0])).toMatchObject({ job: ["a", "b"], Value: [1, 5] });
    expect(columns(run([series("a", [1, 2]), series("b", [5, 3])], "calculateField", { mode: "binary", binary: { left: "a", operator: "+", right: "b" }, alias: "both" })[0]).both).toEqual([6, 5]);
  });

  it("go in order, skip disabled ones, and say which they do not know", () => {
    const { frames, notes } = transform([size], [{ id: "heatmap" }, { id: "organize", disabled: true, options: { excludeByName: { mount: true } } }, { id: "limit", options: { limitField: 1 } }]);
    expect(columns(frames[0]).mount).toEqual(["/"]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain("heatmap");
  });

  it("leave the given frames alone", () => expect(columns(size)["Value #A"]).toEqual([100, 10]));
});
