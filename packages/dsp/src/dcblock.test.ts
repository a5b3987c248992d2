import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mulr, sat32 } from "../test/reference/exact.js";
import { DATA, get, kernelMemory, put, word } from "../test/memory.js";
import { createDcBlockKernels } from "./index.js";

const memory = kernelMemory();
const { dcBlock } = createDcBlockKernels(memory);
const OUT = DATA + 0x1000;
const STATE = DATA + 0x2000;

describe("DC blocker", () => {
  it("is exact for any R and number of channels, block by block", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }).chain((channels) =>
          fc.tuple(
            fc.array(word, { minLength: channels, maxLength: channels }),
            fc.array(fc.array(word, { minLength: channels, maxLength: channels }), {
              maxLength: 12,
            }),
            fc.integer({ min: 1, max: 12 }),
          ),
        ),
        ([rs, frames, block]) => {
          const channels = rs.length;
          put(memory, DATA, frames.flat(), 4);
          rs.forEach((r, c) => put(memory, STATE + c * 12, [r, 0, 0], 4));
          for (let at = 0; at < frames.length; at += block) {
            const offset = at * channels * 4;
            dcBlock(
              DATA + offset,
              OUT + offset,
              Math.min(block, frames.length - at),
              channels,
              STATE,
            );
          }
          const state = rs.map(() => ({ x1: 0n, y1: 0n }));
          const expected = frames.flatMap((frame) =>
            frame.map((sample, c) => {
              const s = state[c] as (typeof state)[number];
              const x = BigInt(sample);
              s.y1 = sat32(x - s.x1 + mulr(BigInt(rs[c] as number), s.y1, 30));
              s.x1 = x;
              return Number(s.y1);
            }),
          );
          expect(get(memory, OUT, expected.length, 4)).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });
});
