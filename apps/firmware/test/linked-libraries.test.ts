import { nodeImageCrypto, type UnitDescription, writeLibrary } from "@sof-ts/firmware-image";
import { describe, expect, it } from "vitest";
import { wasm as clipper } from "../../../packages/wasm-sandbox/test/generated/clipper.js";
import { wasm as curves } from "../../../packages/wasm-sandbox/test/generated/curves.js";
import type { FirmwareConfig } from "../src/index.js";
import { type EffectOptions, EffectStream, loudNoise } from "./effect-stream.js";
import { sendLibrary } from "./library.js";
import { Lab } from "./protocol/lab.js";
import { configSet, unloadModules } from "./protocol/messages.js";

const rsa = nodeImageCrypto();
const signer = rsa.signer(rsa.generateKey(), "development");
const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));

const maths: UnitDescription = {
  text: bytes(curves),
  auxiliary: true,
  exports: ["clip_block", "limit_of", "spin"],
  modules: [{ name: "CURVES", uuid: "0d8e4f39-6a0b-4d55-9d5b-5b1c0c1f7a01", maxInstances: 0 }],
};
const effect: UnitDescription = {
  text: bytes(clipper),
  modules: [{ name: "CLIPPER", uuid: "0d8e4f39-6a0b-4d55-9d5b-5b1c0c1f7a02", maxInstances: 8 }],
};

/** A library as the host's driver sends it. */
function image(name: string, ...units: readonly UnitDescription[]): Uint8Array {
  const version = { major: 1, minor: 0, hotfix: 0, build: 1 };
  const file = writeLibrary({ name, version, units }, signer);
  return file.subarray(new DataView(file.buffer, file.byteOffset).getUint32(4, true));
}

const CLIPPER = 0x1000;
const MATHS = 0x2000;

/** A firmware with an effect in library 1 and the functions that it calls in library 2. */
function lab(config: Partial<FirmwareConfig> = {}): Lab {
  const made = new Lab({ config, libraryKeys: { trusted: [signer.key] } });
  expect(sendLibrary(made, image("EFFECT", effect), 1)).toEqual([0, 0]);
  expect(sendLibrary(made, image("MATHS", maths), 2)).toEqual([0, 0]);
  return made;
}

function play(config: Partial<FirmwareConfig>, options: EffectOptions = {}): Int32Array {
  const machine = lab(config);
  const before = machine.firmware.resources;
  const stream = new EffectStream(machine, 0, [CLIPPER, 0], options);
  expect(stream.create(loudNoise(2400))).toBe(0);
  expect(machine.firmware.libraryManager?.use.linkedUnits).toBe(2);
  stream.start();
  machine.run(80);
  const audio = stream.audio(2000);
  stream.stop();
  // What an instance calls stays with it.
  expect(machine.status(unloadModules([MATHS]))).toBe(4);
  stream.destroy();
  expect(machine.firmware.resources).toEqual(before);
  expect(machine.firmware.libraryManager?.use.linkedUnits).toBe(0);
  expect(machine.status(unloadModules([MATHS]))).toBe(0);
  return audio;
}

describe("an isolated module that calls another library", () => {
  it("sounds the same in the LL thread, behind the proxy and in a thread of its own", () => {
    const direct = play({ CONFIG_SOF_USERSPACE_PROXY: false });
    const limit = 0x1fffffff;
    expect(direct).toEqual(
      loudNoise(2400)
        .slice(0, direct.length)
        .map((sample) => Math.max(-limit, Math.min(limit, sample))),
    );
    expect(play({})).toEqual(direct);
    expect(play({}, { dataProcessing: true, blockBytes: 3840 })).toEqual(direct);
  });

  it("ends alone when the library does not", () => {
    const machine = lab();
    const [bad, good] = [0, 1].map((id) => new EffectStream(machine, id, [CLIPPER, id])) as [
      EffectStream,
      EffectStream,
    ];
    for (const stream of [bad, good]) expect(stream.create(loudNoise(2400))).toBe(0);
    for (const stream of [bad, good]) stream.start();
    machine.run(10);
    machine.ok(configSet([CLIPPER, 0], 0, 99));
    machine.run(70);
    expect(good.audio(2000)).toEqual(play({}));
    expect(bad.heard.length).toBeLessThan(good.heard.length);
  });

  it("is refused while the library is not there", () => {
    const machine = new Lab({ libraryKeys: { trusted: [signer.key] } });
    expect(sendLibrary(machine, image("EFFECT", effect), 1)).toEqual([0, 0]);
    const stream = new EffectStream(machine, 0, [CLIPPER, 0]);
    expect(stream.create(loudNoise(480))).not.toBe(0);
    expect(machine.firmware.libraryManager?.use).toMatchObject({ instances: 0, linkedUnits: 0 });
  });
});
