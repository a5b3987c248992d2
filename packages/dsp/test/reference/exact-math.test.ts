import { describe, expect, it } from "vitest";
import { asin, db2lin, drcSin, exp, inv, lin2db, ln, pow, sin16 } from "./exact-math.js";

describe("exact reference of the math library", () => {
  it("gives the published values", () => {
    expect([lin2db(1n << 26n), lin2db(1n << 25n), ln(1n << 25n)]).toEqual([
      4n,
      -12626110n,
      -46516309n,
    ]);
    expect([inv(0x40000000n, 31, 20), inv(1n << 24n, 22, 26)]).toEqual([2097151n, 16777205n]);
    expect([asin(1n << 30n), asin(1n << 29n), asin(0x10000000n)]).toEqual([
      1052652340n,
      357907307n,
      172722924n,
    ]);
    expect([exp(0n), exp(1n << 27n), exp(-(1n << 27n)), exp(-(1n << 30n) - 1n)]).toEqual([
      1048576n,
      2850326n,
      385750n,
      352n,
    ]);
    expect([db2lin(6n << 24n), db2lin(20n << 24n), db2lin(-60n << 24n)]).toEqual([
      2092184n,
      10485760n,
      1048n,
    ]);
    expect(pow(1n << 25n, 1n << 29n)).toBe(741456n);
    expect([sin16(0x1921fb54n), sin16(0x0860a91cn), sin16(0x10c15238n)]).toEqual([
      32767n,
      16384n,
      28378n,
    ]);
    expect([drcSin(1n << 30n), drcSin(1n << 29n)]).toEqual([2147418112n, 1518469120n]);
  });
});
