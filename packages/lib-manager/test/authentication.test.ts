import { ImageMutator, nodeImageCrypto, writeLibrary } from "@sof-ts/firmware-image";
import { Random } from "@sof-ts/kit";
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
  modules: [{ name: "EFFECT", uuid: uuid(1), maxInstances: 1 }],
  text: addingWasm({ run: 1 }),
});
const signed = writeLibrary(description, present);

function tampered(at: number): Uint8Array {
  const bytes = signed.slice();
  const offset = signed.length - payloadOf(signed).length + at;
  bytes[offset] = (bytes[offset] as number) ^ 1;
  return bytes;
}

group("a firmware that asks for signatures", () => {
  it("loads what a trusted key signed, and takes its time to check it", () => {
    const machine = new Machine({ authentication });
    const start = machine.kernel.now;
    expect(machine.load(1, signed)).toBe(0);
    expect(machine.instance(0x1000, 0).run(1)).toBe(2);
    // One verification and the digest of 40 KiB, by the default costs.
    expect(machine.kernel.now - start).toBeGreaterThan(3_000_000 + 40 * 40_000);
  });

  it.each([
    ["nobody signed", writeLibrary(description), "the image is not signed"],
    ["a retired key signed", writeLibrary(description, old), "signed with the retired key 2023"],
    [
      "an unknown key signed",
      writeLibrary(description, rsa.signer(rsa.generateKey(), "stranger")),
      "signed with a key that is not trusted",
    ],
    ["was changed in its header", tampered(0x5c + 20), "the signature is not one of key present"],
    ["was changed in its metadata", tampered(0x4b4 + 60), "the metadata does not have the digest"],
    ["was changed in its code", tampered(0x8034 + 40), "manifest and code do not have the digest"],
  ])("refuses what %s", (_what, file, message) => {
    const machine = new Machine({ authentication });
    const before = machine.resources;
    expect(machine.load(1, file)).toBe(-13);
    expect(machine.refusals[0]).toContain(message);
    expect(machine.resources).toEqual({ ...before, channels: 0 });
  });

  it("lets no hostile image through that differs in anything that counts", () => {
    const machine = new Machine({ authentication });
    const mutator = new ImageMutator(signed);
    const random = new Random(4);
    const original = payloadOf(signed);
    let loaded = 0;
    for (let i = 0; i < 400; i++) {
      const { bytes, changes } = mutator.next(random);
      const sent = bytes.subarray(signed.length - original.length);
      machine.sent = sent;
      if (machine.run(() => machine.manager.load(3, 1)) !== 0) continue;
      loaded++;
      const differs = original.findIndex((byte, at) => at >= 0x2000 && byte !== sent[at]);
      expect(differs, changes.join("; ")).toBe(-1);
      expect(machine.unload(1)).toBe(0);
    }
    // What was changed there lies in front of the manifest and means nothing, or behind the image.
    expect(loaded).toBeGreaterThan(0);
    expect(loaded).toBeLessThan(250);
    expect(machine.faults).toEqual([]);
  });

  it("is the only one that looks at them", () => {
    const machine = new Machine();
    expect(machine.load(1, tampered(0x5c + 520))).toBe(0);
  });
});

group("a firmware for another module interface", () => {
  it("refuses the library by the version it was built for", () => {
    const machine = new Machine({ apiVersions: [6 << 20] });
    expect(machine.load(1, signed)).toBe(-8);
    expect(machine.refusals[0]).toContain(
      "built for module interface 5.0.1, this firmware has 6.0.0",
    );
  });
});
