import assert from "node:assert/strict";
import { InputError } from "@sof-ts/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  describeTopology,
  makeTopology,
  readTopology,
  type Topology,
  toDot,
  TopologyGraph,
  validateTopology,
  writeTopology,
} from "../src/index.js";
import { join } from "./raw.js";
import { samples } from "./samples.js";

/** Bytes are taken and come back the same, or are refused with a message for people; nothing else. */
function takeOrRefuse(bytes: Uint8Array): "taken" | "refused" {
  let file;
  let topology: Topology;
  try {
    file = readTopology(bytes, "fuzz.tplg");
    topology = makeTopology(file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    checkRefusal(error, bytes.length);
    return "refused";
  }
  assert.equal(Buffer.compare(writeTopology(file), bytes), 0, "came back otherwise");
  checkModel(topology);
  return "taken";
}

function checkRefusal(error: InputError, length: number): void {
  const { source, offset = -1, remedy = "", message } = error;
  assert.equal(source, "fuzz.tplg");
  assert.ok(offset >= 0 && offset <= length, `offset ${offset} of ${length} bytes`);
  assert.notEqual(remedy, "");
  assert.match(message, /^.+$/, "more than one line");
}

function checkModel(topology: Topology): void {
  for (const { subject, message } of validateTopology(topology)) {
    assert.match(`${subject}: ${message}`, /^.*: .+$/, "more than one line");
  }
  assert.notEqual(JSON.stringify(describeTopology(topology)), "");
  assert.ok(toDot(topology).endsWith("}\n"));
  const graph = new TopologyGraph(topology);
  for (const pcm of topology.pcms) {
    for (const direction of ["playback", "capture"] as const) {
      const widgets = graph.path(pcm, direction)?.widgets ?? [];
      assert.equal(new Set(widgets).size, widgets.length, "a widget twice on a path");
    }
  }
}

const corpus = samples().map(({ bytes }) => bytes);

/** Offsets and sizes of the blocks of a good file. */
function blocksOf(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; at < bytes.length;) {
    const end = at + 36 + view.getUint32(at + 24, true);
    blocks.push(bytes.slice(at, end));
    at = end;
  }
  return blocks;
}

type Edit =
  | { kind: "byte"; at: number; value: number }
  | { kind: "word"; at: number; value: number }
  | { kind: "cut"; at: number; length: number }
  | { kind: "repeat"; at: number; length: number };

const at = fc.nat(1 << 20);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant("byte" as const), at, value: fc.nat(255) }),
  fc.record({
    kind: fc.constant("word" as const),
    at,
    value: fc.oneof(
      fc.constantFrom(0, 1, 2, 7, 12, 44, 132, 0x7fffffff, 0x80000000, 0xffffffff),
      fc.nat(64),
    ),
  }),
  fc.record({ kind: fc.constant("cut" as const), at, length: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ kind: fc.constant("repeat" as const), at, length: fc.integer({ min: 1, max: 300 }) }),
);

function apply(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  let result: Uint8Array = bytes.slice();
  for (const each of edits) {
    if (result.length === 0) break;
    const offset = each.at % result.length;
    switch (each.kind) {
      case "byte":
        result[offset] = each.value;
        break;
      case "word": {
        const aligned = offset & ~3;
        if (aligned + 4 <= result.length) {
          new DataView(result.buffer, result.byteOffset).setUint32(aligned, each.value, true);
        }
        break;
      }
      case "cut":
        result = join(result.slice(0, offset), result.slice(offset + each.length));
        break;
      case "repeat": {
        const piece = result.slice(offset, offset + each.length);
        result = join(result.slice(0, offset), piece, result.slice(offset));
      }
    }
  }
  return result;
}

describe("any bytes", () => {
  it("that are random are refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 400 }), (bytes) => {
        expect(takeOrRefuse(bytes)).toBe("refused");
      }),
    );
  });

  it("behind the magic are taken whole or refused", () => {
    const header = Uint8Array.of(0x43, 0x6f, 0x53, 0x41, 5, 0, 0, 0, 0, 0, 0, 0);
    fc.assert(
      fc.property(
        fc.constantFrom(4, 5, 7, 8, 10),
        fc.uint8Array({ maxLength: 300 }),
        (type, rest) => {
          const size = rest.length;
          const fields = Uint8Array.of(
            type,
            0,
            0,
            0,
            36,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            size & 0xff,
            size >> 8,
            0,
            0,
          );
          takeOrRefuse(join(header, fields, Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0), rest));
        },
      ),
    );
  });

  it("that a topology becomes by a few edits are taken whole or refused", () => {
    const outcomes = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...corpus),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (bytes, edits) => {
          outcomes[takeOrRefuse(apply(bytes, edits))]++;
        },
      ),
      { numRuns: 400 },
    );
    // Both ways must have been gone, or the edits are too harsh or too gentle to test anything.
    expect(outcomes.taken).toBeGreaterThan(20);
    expect(outcomes.refused).toBeGreaterThan(20);
  });

  it("that are whole blocks in any order and number are taken", () => {
    const blocks = corpus.flatMap(blocksOf);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...blocks), { minLength: 1, maxLength: 40 }),
        (chosen) => {
          expect(takeOrRefuse(join(...chosen))).toBe("taken");
        },
      ),
      { numRuns: 60 },
    );
  });
});
