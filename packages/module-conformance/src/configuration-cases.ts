import type { FragmentPosition } from "@sof-ts/module-api";
import type { ConformanceCase, Context } from "./case.js";
import { check, checkSame, same } from "./check.js";
import type { Rig } from "./rig.js";
import type { Setting } from "./subject.js";

/** What a change of the configuration does, and when. */
export function configurationCases(context: Context, change: Setting): readonly ConformanceCase[] {
  return [
    { name: "takes a configuration at the border of a block", run: () => border(context, change) },
    {
      name: "takes a configuration in fragments as in one piece, or refuses fragments",
      run: () => fragments(context, change),
    },
  ];
}

/** What happens to wrong configurations. */
export function refusalCases(
  context: Context,
  refused: readonly Setting[],
): readonly ConformanceCase[] {
  return [
    {
      name: "refuses wrong configurations and keeps the one it has",
      run: () => keeps(context, refused),
    },
    {
      name: "refuses fragments without a start, gaps and too many bytes",
      run: () => gaps(context, refused),
    },
  ];
}

/** What comes out when the configuration changes between two blocks. */
function changed(context: Context, rig: Rig, change: Setting, at: number, block: number) {
  return rig.run(context.input, block, (frame) => {
    if (frame !== at) return;
    const rc = rig.set(change);
    check(rc === 0, `it refuses the configuration with ${rc}`);
  });
}

function border(context: Context, change: Setting): void {
  const { subject, input, block, changeAt: at } = context;
  const rig = context.fresh();
  const before = context.expected();
  const out = changed(context, rig, change, at, block);
  if (subject.blockDependent !== true) {
    const smaller = changed(context, context.fresh(), change, at, block / 2);
    const common = Math.min(smaller.length, out.length);
    checkSame(smaller.subarray(0, common), out.subarray(0, common), "it has effect later");
  }
  const end = Math.min(at * rig.sink.frameBytes, out.length);
  checkSame(out.subarray(0, end), before.subarray(0, end), "before the change");
  const latched = subject.latched === true;
  check(same(out, before) === latched, latched ? "it has effect at once" : "it has no effect");
  rig.restart();
  rig.prepare();
  const forgets = subject.forgetsByReset === true && subject.setup === undefined;
  const forgotten = same(rig.run(input, block), before);
  check(forgotten === forgets, forgets ? "it is kept over reset" : "it is lost by reset");
}

function fragments(context: Context, change: Setting): void {
  const { input, block } = context;
  const [paramId, data] = change;
  const rig = context.fresh();
  const half = data.length >> 1;
  const set = rig.module.setConfiguration?.bind(rig.module);
  const first = set?.(paramId, "first", data.length, data.subarray(0, half)) ?? -1;
  const last = set?.(paramId, "last", half, data.subarray(half)) ?? -1;
  const taken = first === 0 && last === 0;
  check(taken || (first < 0 && last < 0), `first returns ${first}, last ${last}`);
  const whole = context.fresh();
  if (taken) whole.set(change);
  checkSame(rig.run(input, block), whole.run(input, block), "configured by fragments");
}

function keeps(context: Context, refused: readonly Setting[]): void {
  const { input, block, changeAt } = context;
  const expected = context.expected();
  for (const [index, setting] of refused.entries()) {
    const rig = context.fresh();
    const what = `wrong configuration ${index} of param ${setting[0]}`;
    const out = rig.run(input, block, (frame) => {
      if (frame === changeAt) check(rig.set(setting) < 0, `it takes ${what}`);
    });
    checkSame(out, expected, `after ${what}`);
  }
}

function gaps(context: Context, refused: readonly Setting[]): void {
  const rig = context.fresh();
  const paramId = refused[0]?.[0] ?? 0;
  const set = (...call: [FragmentPosition, number, Uint8Array]) =>
    rig.module.setConfiguration?.(paramId, ...call) ?? -1;
  check(set("last", 4, new Uint8Array(4)) < 0, "it takes a last fragment without a first");
  check(set("middle", 4, new Uint8Array(4)) < 0, "it takes a middle fragment without a first");
  check(set("single", 2 ** 20, new Uint8Array(64)) < 0, "it takes 64 bytes for a megabyte");
  set("first", 64, new Uint8Array(32));
  check(set("last", 32, new Uint8Array(64)) < 0, "it takes more bytes than announced");
}
