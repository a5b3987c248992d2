import { nodeImageCrypto } from "@sof-ts/firmware-image";
import type { Thread } from "@sof-ts/kernel";
import { describe, expect, it } from "vitest";
import type { FirmwareConfig } from "../src/index.js";
import { EffectStream, type EffectOptions, loudNoise } from "./effect-stream.js";
import { keys, makeLibrary, sendLibrary } from "./library.js";
import { base40, Lab } from "./protocol/lab.js";
import {
  configGet,
  configSet,
  createPipeline,
  deleteInstance,
  initInstance,
  setDx,
  unloadModules,
} from "./protocol/messages.js";
import { strategies } from "./strategies.js";

const LIMITER = 0x1000;
const image = makeLibrary();
const labWith = (config: Partial<FirmwareConfig> = {}): Lab => {
  const lab = new Lab({ config, libraryKeys: keys });
  expect(sendLibrary(lab, image, 1)).toEqual([0, 0]);
  return lab;
};

/** Plays noise through a limiter of the library. */
function play(config: Partial<FirmwareConfig>, options: EffectOptions): Int32Array {
  const lab = labWith(config);
  if (options.core !== undefined) lab.cores(options.core);
  const before = lab.firmware.resources;
  const stream = new EffectStream(lab, 0, [LIMITER, 0], options);
  expect(stream.create(loudNoise(4800))).toBe(0);
  stream.start();
  lab.run(120);
  const audio = stream.audio(4000);
  expect(audio).toHaveLength(8000);
  stream.stop();
  stream.destroy();
  expect(lab.firmware.resources).toEqual(before);
  expect(lab.firmware.libraryManager?.use).toMatchObject({ instances: 0, linkedUnits: 0 });
  expect(lab.status(unloadModules([LIMITER]))).toBe(0);
  return audio;
}

describe.each(strategies)("a module of a library, with %s,", (locking) => {
  it("is limited noise in the LL thread, behind the proxy and in a thread of its own, all the same", () => {
    const direct = play({ locking, CONFIG_SOF_USERSPACE_PROXY: false }, {});
    expect(Math.max(...direct.map(Math.abs))).toBeGreaterThan(0x4000_0000);
    expect(direct).not.toEqual(loudNoise(4000));
    expect(play({ locking }, {})).toEqual(direct);
    const tenMs = { dataProcessing: true, blockBytes: 3840 };
    expect(play({ locking }, tenMs)).toEqual(direct);
    expect(play({ locking }, { ...tenMs, core: 1 })).toEqual(direct);
    expect(play({ locking, CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD: true }, tenMs)).toEqual(
      direct,
    );
    expect(play({ locking, CONFIG_SOF_USERSPACE_PROXY: false }, tenMs)).toEqual(direct);
  });

  it("takes small parameters while it streams", () => {
    const lab = labWith({ locking });
    const stream = new EffectStream(lab, 0, [LIMITER, 0]);
    expect(stream.create(loudNoise(4800))).toBe(0);
    stream.start();
    lab.run(20);
    lab.ok(configSet([LIMITER, 0], 0, 0x1234));
    expect(lab.send(configGet([LIMITER, 0], 0)).extension & 0xffff).toBe(0x1234);
    // What it refuses is refused.
    expect(lab.status(configSet([LIMITER, 0], 1, 5))).not.toBe(0);
    lab.run(20);
    expect(stream.heard.length).toBeGreaterThan(3000);
  });
});

describe.each(strategies)("modules of a library on all cores at once, with %s,", (locking) => {
  it("play what each would play alone, while they are asked and told things", () => {
    const lab = new Lab({ config: { platform: "ptl", locking }, libraryKeys: keys });
    const alone = play({ locking }, {});
    lab.cores(1, 2, 3, 4);
    expect(sendLibrary(lab, image, 1)).toEqual([0, 0]);
    const before = lab.firmware.resources;
    const streams = [0, 1, 2, 3, 4].map(
      (core) =>
        new EffectStream(lab, core, [LIMITER, core], {
          core,
          ...(core % 2 === 0 ? {} : { dataProcessing: true, blockBytes: 3840 }),
        }),
    );
    for (const stream of streams) expect(stream.create(loudNoise(4800))).toBe(0);
    for (const stream of streams) stream.start();
    for (let round = 0; round < 50; round++) {
      const at = [LIMITER, round % 5] as const;
      lab.run(2);
      // The threshold that it has already: the audio stays as it is.
      const threshold = lab.send(configGet(at, 0)).extension & 0xffff;
      expect(threshold).toBe(0);
      expect(lab.status(configSet(at, 1, 1))).not.toBe(0);
    }
    lab.run(60);
    for (const stream of streams) expect(stream.audio(4000)).toEqual(alone);
    for (const stream of streams) stream.stop();
    for (const stream of streams) stream.destroy();
    expect(lab.firmware.resources).toEqual(before);
    lab.ok(setDx(0x1e, 0));
    expect(lab.status(unloadModules([LIMITER]))).toBe(0);
  });
});

/** The threads that user code of a firmware runs in. */
function users({ firmware: { kernel } }: Lab): readonly Thread[] {
  const found = [...kernel.threads].filter(({ name }) => /^ll_(user|thread)\d$/.test(name));
  expect(found).toHaveLength(2);
  return found;
}

/** Bytes of a driver record: UUID, name, operations. */
const DRIVER_RECORD_BYTES = 64;

describe.each(strategies)("a library, with %s,", (locking) => {
  it("stays while an instance lives, and leaves nothing", () => {
    const lab = new Lab({ config: { locking }, libraryKeys: keys });
    const before = lab.firmware.resources;
    const use = lab.firmware.libraryManager?.use;
    expect(sendLibrary(lab, image, 1)).toEqual([0, 0]);
    const stream = new EffectStream(lab, 0, [LIMITER, 0]);
    expect(stream.create(loudNoise(480))).toBe(0);
    expect(lab.status(unloadModules([LIMITER]))).toBe(4);
    stream.destroy();
    expect(lab.status(deleteInstance([LIMITER, 0]))).not.toBe(0);
    expect(lab.status(unloadModules([LIMITER]))).toBe(0);
    expect(lab.status(unloadModules([LIMITER]))).toBe(9);
    expect(lab.firmware.resources).toEqual(before);
    expect(lab.firmware.libraryManager?.use).toEqual(use);
  });

  it("has no worker where the modules' own threads carry their operations out", () => {
    const workers = (byThread: boolean): readonly string[] => {
      const lab = labWith({ locking, CONFIG_SOF_USERSPACE_MOD_IPC_BY_DP_THREAD: byThread });
      lab.ok(
        createPipeline(0),
        initInstance([LIMITER, 0], 0, base40, { dataProcessing: true }),
        configSet([LIMITER, 0], 0, 0x1234),
      );
      const value = lab.send(configGet([LIMITER, 0], 0)).extension & 0xffff;
      expect(value).toBe(0x1234);
      return [...lab.firmware.kernel.threads]
        .map(({ name }) => name)
        .filter((name) => name.startsWith("userspace_proxy"));
    };
    expect(workers(false)).toEqual(["userspace_proxy0"]);
    expect(workers(true)).toEqual([]);
  });

  it("comes and goes a hundred times", () => {
    const lab = new Lab({ config: { locking }, libraryKeys: keys });
    const before = lab.firmware.resources;
    const use = lab.firmware.libraryManager?.use;
    for (let cycle = 0; cycle < 100; cycle++) {
      expect(sendLibrary(lab, image, 1 + (cycle % 15))).toEqual([0, 0]);
      expect(lab.status(unloadModules([(1 + (cycle % 15)) << 12]))).toBe(0);
    }
    expect(lab.firmware.resources).toEqual(before);
    expect(lab.firmware.libraryManager?.use).toEqual(use);
  });

  it("is refused when somebody else signed it, when it was changed, or when it does not come", () => {
    const lab = new Lab({ config: { locking }, libraryKeys: keys });
    const before = lab.firmware.resources;
    const rsa = nodeImageCrypto();
    const stranger = rsa.signer(rsa.generateKey(), "stranger");
    expect(sendLibrary(lab, makeLibrary({}, stranger), 1)).toEqual([0, 6]);
    const changed = image.slice();
    changed[changed.length - 200] = (changed[changed.length - 200] as number) ^ 1;
    expect(sendLibrary(lab, changed, 1)).toEqual([0, 6]);
    expect(sendLibrary(lab, image, 1, 5000)).toEqual([0, 6]);
    expect(lab.firmware.resources).toEqual(before);
    expect(lab.firmware.libraryManager?.use).toMatchObject({ libraries: 0, dramBytes: 0 });
    expect(sendLibrary(lab, image, 1)).toEqual([0, 0]);
  });

  it("needs no signature in a firmware that asks for none, and a trusted one otherwise", () => {
    const open = new Lab({ config: { locking, CONFIG_LIBRARY_AUTH_SUPPORT: false } });
    expect(sendLibrary(open, image, 1)).toEqual([0, 0]);
    const closed = new Lab({ config: { locking } });
    expect(sendLibrary(closed, image, 1)).toEqual([0, 6]);
  });
});

describe("a library with user LL", () => {
  it("has driver records that the user threads of LL and IPC can read, without a heap for drivers", () => {
    const lab = labWith();
    const record = lab.firmware.libraryManager?.driverRecord(LIMITER) ?? 0;
    expect(record).not.toBe(0);
    for (const { domain } of users(lab)) {
      expect(domain?.allows(record, DRIVER_RECORD_BYTES, false)).toBe(true);
    }
    expect(lab.status(unloadModules([LIMITER]))).toBe(0);
    expect(lab.firmware.libraryManager?.driverRecord(LIMITER)).toBe(0);
  });

  it("has its image in the LL domain for the kernel alone, as long as it is loaded", () => {
    const lab = labWith();
    const { base, size } = lab.firmware.soc.platform.memory.imr;
    const inDram = () =>
      users(lab).map(({ domain }) =>
        (domain?.partitions ?? []).filter(
          (each) => each !== null && each.start >= base && each.start < base + size,
        ),
      );
    for (const [index, dram] of inDram().entries()) {
      expect(dram.map((each) => (each?.attr ?? 0) & 7)).toEqual([0]);
      const start = dram[0]?.start ?? 0;
      expect(dram[0]?.size).toBeGreaterThanOrEqual(image.length);
      const { domain } = users(lab)[index] ?? {};
      for (const write of [false, true]) expect(domain?.allows(start, 4, write)).toBe(false);
    }
    expect(lab.status(unloadModules([LIMITER]))).toBe(0);
    expect(inDram()).toEqual([[], []]);
  });

  it.each([
    [
      "directly in the LL tick",
      { CONFIG_SOF_USERSPACE_PROXY: false },
      {},
      ["ll_thread0", "ll_user0"],
    ],
    ["behind the proxy", {}, {}, ["userspace_proxy0"]],
    ["in a thread of its own", {}, { dataProcessing: true }, ["userspace_proxy0", "LIMITER 0"]],
    ["beside kernel LL", { locking: "kernel-ll" as const }, {}, ["userspace_proxy0"]],
  ])(
    "has its sections in the domain that its module runs in, and in no other: %s",
    (_where, config, options, threads) => {
      const lab = labWith(config);
      const { kernel } = lab.firmware;
      const { CONFIG_LIBRARY_BASE_ADDRESS: text } = lab.firmware.config;
      const users = (write: boolean): readonly string[] =>
        [...kernel.threads]
          .filter(({ domain }) => domain?.allows(text, 64, write))
          .map(({ name }) => name);
      lab.ok(createPipeline(0));
      expect(users(false)).toEqual([]);
      lab.ok(initInstance([LIMITER, 0], 0, base40, options));
      expect(users(false)).toEqual(threads);
      expect(users(true)).toEqual([]);
      lab.ok(deleteInstance([LIMITER, 0]));
      expect(users(false)).toEqual([]);
    },
  );
});
