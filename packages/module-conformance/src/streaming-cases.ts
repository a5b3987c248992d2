import { concat } from "./bytes.js";
import type { ConformanceCase, Context } from "./case.js";
import { check, checkSame } from "./check.js";
import { inPlaceCases } from "./in-place-cases.js";
import type { Rig } from "./rig.js";
import { drain, feed } from "./streams.js";

/** Sources that run dry, sinks that are full, blocks and rings of any size. */
export function streamingCases(context: Context): readonly ConformanceCase[] {
  const cases: ConformanceCase[] = [
    {
      name: "does nothing with an empty source, and nothing is lost by it",
      run: () => dry(context),
    },
    { name: "waits while the sink is full, and nothing is lost by it", run: () => full(context) },
    ...inPlaceCases(context),
  ];
  const { blockDependent, blockSizes = blockDependent === true ? [] : BLOCK_SIZES } =
    context.subject;
  if (blockSizes.length > 0) {
    cases.push({
      name: "gives the same samples for blocks of 1 frame to 4 periods",
      run: () => blocks(context, blockSizes),
    });
  }
  if (blockDependent === true) return cases;
  return [
    ...cases,
    { name: "gives the same samples wherever the rings wrap", run: () => wraps(context) },
  ];
}

const BLOCK_SIZES: readonly number[] = [1, 2, 3, 7, 16, 47, 49, 96, 192];

function dry(context: Context): void {
  const { input, block } = context;
  const expected = context.expected();
  const rig = context.fresh();
  const idle = () => {
    rig.process();
    rig.process();
    check(rig.sink.available === 0, "something comes out of nothing");
  };
  idle();
  checkSame(rig.run(input, block, idle), expected, "with periods without input between");
}

function full(context: Context): void {
  const { subject, input, block } = context;
  const expected = context.expected();
  const rig = context.fresh();
  feed(rig.source, input);
  for (let i = 0; i < 100; i++) rig.process();
  // The sink holds twice the input: all there is has come through.
  const out = drain(rig.sink);
  if (subject.blockDependent !== true) {
    checkSame(out, expected.subarray(0, out.length), "with all input at once");
  }
  const all = throughSmallRings(context.fresh(2 * block), input, block);
  if (subject.blockDependent !== true)
    checkSame(all, expected, "through a sink that is often full");
  else check(all.length === expected.length, "samples are lost or made up while the sink is full");
}

function throughSmallRings(rig: Rig, input: Uint8Array, block: number): Uint8Array {
  const parts: Uint8Array[] = [];
  const step = block * rig.source.frameBytes;
  for (let at = 0; at < input.length;) {
    const before = at;
    while (rig.source.free >= step && at < input.length) {
      feed(rig.source, input.subarray(at, at + step));
      at += step;
    }
    // More often than there is room.
    for (let i = 0; i < 3; i++) rig.process();
    const taken = Math.min(rig.sink.available, block * rig.sink.frameBytes);
    parts.push(drain(rig.sink, taken));
    check(at > before || taken > 0, "it is stuck while the sink has room");
  }
  for (let left = -1; left !== rig.source.available + rig.sink.available;) {
    left = rig.source.available + rig.sink.available;
    rig.process();
    parts.push(drain(rig.sink));
  }
  return concat(...parts);
}

/** A module that moves frames in pairs or more may keep the last ones. */
function checkAllButHeld(context: Context, out: Uint8Array, expected: Uint8Array, what: string) {
  const { heldFrames = 3 } = context.subject;
  const held = Math.abs(expected.length - out.length);
  check(held <= heldFrames * context.outputFrameBytes, `${what}: ${held} bytes are missing`);
  const common = Math.min(out.length, expected.length);
  checkSame(out.subarray(0, common), expected.subarray(0, common), what);
}

function blocks(context: Context, sizes: readonly number[]): void {
  const expected = context.expected();
  for (const frames of sizes) {
    const out = context.fresh().run(context.input, frames);
    checkAllButHeld(context, out, expected, `in blocks of ${frames} frames`);
  }
}

function wraps(context: Context): void {
  const { block } = context;
  const expected = context.expected();
  for (const ringFrames of [block, block + 1, 2 * block + 7]) {
    const rig = context.fresh(Math.max(ringFrames, 49));
    const out = rig.run(context.input, Math.min(block, 48));
    checkAllButHeld(context, out, expected, `with rings of ${ringFrames} frames`);
  }
}
