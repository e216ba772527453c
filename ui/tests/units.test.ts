import { describe, expect, it } from "vitest";
import { formatValue } from "../src/model/units/format";

const cases: [number, string | undefined, number | undefined, string][] = [
  [0, "short", undefined, "0"],
  [1234, "short", undefined, "1.23 K"],
  [2_500_000, "short", undefined, "2.5 Mil"],
  [0.000_123, "none", undefined, "0.000123"],
  [1.5, "none", undefined, "1.5"],
  [12.34, "percent", 1, "12.3%"],
  [0.1234, "percentunit", undefined, "12.3%"],
  [1024, "bytes", undefined, "1 KiB"],
  [1536, "bytes", undefined, "1.5 KiB"],
  [1000, "decbytes", undefined, "1 kB"],
  [1.5, "gbytes", undefined, "1.5 GiB"],
  [0.5, "decmbytes", undefined, "500 kB"],
  [125_000, "Bps", undefined, "125 kB/s"],
  [2_000_000, "bps", undefined, "2 Mb/s"],
  [0.25, "s", undefined, "250 ms"],
  [0, "s", undefined, "0 s"],
  [90, "s", undefined, "1.5 mins"],
  [3600, "s", undefined, "1 hour"],
  [86_400 * 8, "s", undefined, "1.14 weeks"],
  [1500, "ms", undefined, "1.5 s"],
  [86_400_000 * 8, "ms", undefined, "8 days"],
  [12.5, "reqps", undefined, "12.5 req/s"],
  [1500, "ops", undefined, "1.5K ops/s"],
  [7500, "dtdurations", undefined, "2 hours, 5 minutes"],
  [3723, "dthms", undefined, "01:02:03"],
  [93_784, "dtdhms", undefined, "1 d 02:03:04"],
  [1, "bool_on_off", undefined, "On"],
  [42, "rows/s", undefined, "42 rows/s"],
  [42, "suffix:!", undefined, "42!"],
  [42, "prefix:#", undefined, "#42"],
  [1500, "currencyUSD", undefined, "$1.5K"],
  [255, "hex0x", undefined, "0xFF"],
  [-2048, "bytes", undefined, "-2 KiB"],
  [999.999, "short", 1, "1.0 K"],
  [NaN, "s", undefined, "NaN"],
  [Infinity, "s", undefined, "+Inf"],
];

describe("formatValue", () => {
  it.each(cases)("%s as %s with %s decimals is %s", (value, unit, decimals, wanted) => {
    expect(formatValue(value, unit, decimals)).toBe(wanted);
  });

  it("never shows a number of another size", () => {
    for (const unit of ["short", "bytes", "decbytes", "Bps", "reqps"]) {
      for (let power = -3; power < 15; power++) {
        const text = formatValue(3.456 * 10 ** power, unit);
        expect(text).toMatch(/^\d/);
        expect(parseFloat(text)).toBeLessThan(1024);
      }
    }
  });
});
