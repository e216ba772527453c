/** `calculateField`: a new column from others: reduced along the row, or two combined. */

import { displayName } from "../frames/names";
import { calc } from "../frames/reduce";
import { frameLength, type Field, type Frame } from "../frames/types";
import { joinSeries } from "./joinSeries";

interface Operand {
  matcher?: { id?: string; options?: string };
  fixed?: string | number;
}

interface Options {
  mode?: string;
  alias?: string;
  replaceFields?: boolean;
  reduce?: { reducer?: string; include?: string[] };
  binary?: { left?: string | Operand; operator?: string; right?: string | number | Operand };
  unary?: { operator?: string; fieldName?: string };
  index?: { asPercentile?: boolean };
}

const BINARY: Record<string, (a: number, b: number) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};
const UNARY: Record<string, (a: number) => number> = { abs: Math.abs, exp: Math.exp, ln: Math.log, floor: Math.floor, ceil: Math.ceil, round: Math.round };

export function calculateField(frames: Frame[], options: Options): Frame[] {
  return joinSeries(frames).map((frame) => {
    const made = compute(frame, options);
    if (!made) return frame;
    const time = frame.fields.filter((field) => field.type === "time");
    return { ...frame, fields: options.replaceFields ? [...time, made] : [...frame.fields, made] };
  });
}

function compute(frame: Frame, options: Options): Field | null {
  const count = frameLength(frame);
  const field = (name: string, values: (number | null)[]): Field => ({ name: options.alias || name, type: "number", values, config: {} });
  const column = (name: string | undefined) => frame.fields.find((one) => displayName(one, frame) === name || one.name === name);
  switch (options.mode ?? "reduceRow") {
    case "binary": {
      const { left, operator = "+", right } = options.binary ?? {};
      const run = BINARY[operator];
      const a = operand(left, column);
      const b = operand(right, column);
      if (!run || !a || !b) return null;
      return field(
        `${name(left)} ${operator} ${name(right)}`,
        Array.from({ length: count }, (_, row) => {
          const x = a(row);
          const y = b(row);
          return x === null || y === null ? null : run(x, y);
        }),
      );
    }
    case "unary": {
      const source = column(options.unary?.fieldName);
      const run = UNARY[options.unary?.operator ?? "abs"];
      if (!source || !run) return null;
      return field(`${options.unary?.operator} ${options.unary?.fieldName}`, (source.values as (number | null)[]).map((value) => (value === null ? null : run(value))));
    }
    case "index":
      return field("Row", Array.from({ length: count }, (_, row) => (options.index?.asPercentile ? row / Math.max(1, count - 1) : row)));
    case "reduceRow": {
      const { reducer = "sum", include } = options.reduce ?? {};
      const sources = frame.fields.filter((one) => one.type === "number" && (!include?.length || include.includes(displayName(one, frame)) || include.includes(one.name)));
      if (sources.length === 0) return null;
      return field(calc(reducer).title, Array.from({ length: count }, (_, row) => calc(reducer).run(sources.map((one) => one.values[row] as number | null))));
    }
    default:
      return null;
  }
}

function name(value: string | number | Operand | undefined): string {
  return typeof value === "object" ? String(value.matcher?.options ?? value.fixed ?? "") : String(value ?? "");
}

function operand(value: string | number | Operand | undefined, column: (name: string | undefined) => Field | undefined): ((row: number) => number | null) | null {
  const wanted = name(value);
  const found = column(wanted);
  if (found) return (row) => found.values[row] as number | null;
  const fixed = Number(wanted);
  return wanted !== "" && !Number.isNaN(fixed) ? () => fixed : null;
}
