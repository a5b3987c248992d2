import { nodeImageCrypto, writeLibrary } from "@sof-ts/firmware-image";
import { describe as group, expect, it } from "vitest";
import { describe, Machine, payloadOf, uuid } from "./machine.js";
import { addingWasm } from "./wasm.js";

const rsa = nodeImageCrypto();
const present = rsa.signer(rsa.generateKey(), "present");
const old = rsa.signer(rsa.generateKey(), "2023");
const authentication = {
  keys: { trusted: [present.key], retired: [old.key] },
  verifier: rsa.verifier,
};

const description = describe({
  modules: [
    { name: "FIRST", uuid: uuid(1), maxInstances: 1 },
    { name: "SECOND", uuid: uuid(2), maxInstances: 1 },
  ],
  text: addingWasm({ run: 1 }),
});
const unit = description.units[0] ?? { modules: [], text: new Uint8Array(0) };
const signed = writeLibrary(description, present);

// Where things lie in what goes to the DSP.
const SIGNATURE = 0x5c + 516;
const FIRMWARE_HEADER = 0x2000;
const PAGE_COUNT = FIRMWARE_HEADER + 16;
const MODULE_COUNT = FIRMWARE_HEADER + 36;
const FIRST = 0x2034;
const SECOND = FIRST + 116;
const UUID = 12;
const CONFIG_COUNT = 70;
const SEGMENTS = 80;
/** Contents, alloc, load, one page. */
const LOADED_PAGE = 0x1_0007;

/** Words of a module entry's segment: flags, address, file offset. */
const segment = (index: number, ...words: readonly number[]): Record<number, number> =>
  Object.fromEntries(words.map((word, i) => [FIRST + SEGMENTS + 12 * index + 4 * i, word]));

/** A library with words of its payload changed. */
function changed(words: Readonly<Record<number, number>>, file = signed): Uint8Array {
  const bytes = file.slice();
  const payload = payloadOf(bytes);
  const view = new DataView(payload.buffer, payload.byteOffset);
  for (const [at, word] of Object.entries(words)) view.setUint32(Number(at), word, true);
  return bytes;
}

/** The second module with the UUID of the first. */
function sameUuid(): Uint8Array {
  const bytes = signed.slice();
  const payload = payloadOf(bytes);
  payload.copyWithin(SECOND + UUID, FIRST + UUID, FIRST + UUID + 16);
  return bytes;
}

const hostile: readonly (readonly [string, Uint8Array, number, string])[] = [
  ["a tampered signature", changed({ [SIGNATURE]: 1 }), -13, "the signature is not one of key"],
  ["an old signing key", writeLibrary(description, old), -13, "signed with the retired key 2023"],
  [
    "a wrong version of the module interface",
    writeLibrary({ ...description, units: [{ ...unit, apiVersion: 0x0060_0000 }] }, present),
    -8,
    "built for module interface 6.0.0, this firmware has",
  ],
  ["two modules of one UUID", sameUuid(), -22, `UUID ${uuid(1)}`],
  [
    "overlapping segments",
    changed({
      ...segment(0, LOADED_PAGE, 0xa068_8000, 0x8000),
      ...segment(1, LOADED_PAGE, 0xa068_8800, 0x8000),
    }),
    -22,
    "overlap",
  ],
  ["more modules than fit", changed({ [MODULE_COUNT]: 0xffff_ffff }), -22, "4294967295"],
  ["more modules than there may be", changed({ [MODULE_COUNT]: 129 }), -22, "129 modules"],
  [
    "more configurations than fit",
    changed({ [FIRST + CONFIG_COUNT - 2]: 0xffff_0000 }),
    -22,
    "configurations",
  ],
  ["more pages than can be", changed({ [PAGE_COUNT]: 0xffff_ffff }), -22, "4294967295 pages"],
  ["fewer pages than a first block", changed({ [PAGE_COUNT]: 1 }), -22, "1 pages are 4096 bytes"],
];

group("a hostile library", () => {
  it.each(hostile)("with %s is refused with a message of its own", (_what, file, rc, message) => {
    const machine = new Machine({ authentication });
    const before = machine.resources;
    expect(machine.load(1, file)).toBe(rc);
    expect(machine.refusals).toHaveLength(1);
    expect(machine.refusals[0]).toContain(message);
    expect(machine.resources).toEqual({ ...before, channels: 0 });
    expect(machine.faults).toEqual([]);
    expect(machine.load(1, signed)).toBe(0);
  });

  it("is told from all others by its message", () => {
    const messages = hostile.map(([, file]) => {
      const machine = new Machine({ authentication });
      machine.load(1, file);
      return machine.refusals[0];
    });
    expect(new Set(messages).size).toBe(hostile.length);
  });
});
