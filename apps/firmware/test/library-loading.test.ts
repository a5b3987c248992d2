import { beforeAll, describe, expect, it } from "vitest";
import { refusal, type Refusal } from "../../../packages/firmware-image/test/refusal.js";
import { containerRefusals } from "../../../packages/firmware-image/test/refusals-container.js";
import { elfRefusals } from "../../../packages/firmware-image/test/refusals-elf.js";
import { libraryOf, payloadOf, signer } from "./library.js";
import {
  clipperCode,
  EFFECT,
  image,
  isWellAfter,
  LibraryBench,
  maths,
  MATHS,
  retired,
  rsa,
  SUCCESS,
  uuid,
  works,
} from "./library-bench.js";
import { copier } from "./payloads.js";
import { base40, Id } from "./protocol/lab.js";
import {
  createPipeline,
  deleteInstance,
  deletePipeline,
  type End,
  initInstance,
  loadLibrary,
  loadLibraryPrepare,
  unloadModules,
} from "./protocol/messages.js";

const INVALID_PARAM = 1;
const BUSY = 4;
const FAILURE = 6;
const NO_SUCH_RESOURCE = 9;
/** Bytes of a block: the first has the manifest in it. */
const BLOCK = 38 * 1024;
const MEMORIES = ["heap", "objects", "regions", "libraries"] as const;
/** The channel of the stream that plays beside everything. */
const TAKEN = 0;

let signed: LibraryBench;
let open: LibraryBench;
beforeAll(() => {
  signed = new LibraryBench();
  open = new LibraryBench({ CONFIG_LIBRARY_AUTH_SUPPORT: false });
});

/** What the DSP cannot see: the file's extended manifest, and what comes behind the pages that it asks for. */
const ofFile = (check: string): boolean =>
  ["file-size", "payload-size"].includes(check) || check.startsWith("ext-manifest");
const ofPayload: readonly Refusal[] = [...containerRefusals, ...elfRefusals].filter(
  ([check]) => !ofFile(check),
);
/** Where the DSP, which sees no file, notices another thing first. */
const otherwise: Readonly<Record<string, string>> = {
  "a manifest longer than the image's pages": "300 modules need 34800 bytes, 32716 are left",
};

/** A library whose bytes at an offset of its payload were changed. */
function tampered(at: number, file = image): Uint8Array {
  const changed = file.slice();
  changed[at] = (changed[at] as number) ^ 1;
  return changed;
}

const unsigned = (by: typeof signer | null): Uint8Array =>
  libraryOf(
    "EFFECT",
    [{ text: clipperCode, modules: [{ name: "M", uuid: uuid(3), maxInstances: 1 }] }],
    by,
  );

describe("LOAD_LIBRARY refuses", () => {
  it.each(ofPayload)("an image by check %s for %s", (_check, what, make, message) => {
    const file = make();
    const { status } = refusal(file);
    isWellAfter(open, () => {
      expect(open.send(payloadOf(file))).toEqual([SUCCESS, status]);
      const said = open.errors.take();
      expect(said).toHaveLength(1);
      expect(said[0]).toContain(otherwise[what] ?? message);
    });
  });

  it.each([
    ["nobody signed", unsigned(null), "the image is not signed"],
    ["a retired key signed", unsigned(retired), "signed with the retired key 2023"],
    [
      "an unknown key signed",
      unsigned(rsa.signer(rsa.generateKey(), "stranger")),
      "signed with a key that is not trusted",
    ],
    ["was changed in its signature", tampered(0x5c + 516), "the signature is not one of key"],
    ["was changed in its metadata", tampered(0x4b4 + 60), "the metadata does not have the digest"],
    ["was changed in its code", tampered(0x8034 + 40), "manifest and code do not have the digest"],
  ])("a library that %s", (_what, file, message) => {
    isWellAfter(signed, () => {
      expect(signed.send(file)).toEqual([SUCCESS, FAILURE]);
      const said = signed.errors.take();
      expect(said).toHaveLength(1);
      expect(said[0]).toContain(message);
    });
  });

  it.each([0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK - 1, 2 * BLOCK, image.length - 1])(
    "a library of which the host sends %i bytes, 200 ms after the last of them",
    (sent) => {
      isWellAfter(signed, () => {
        const { kernel } = signed.lab.firmware;
        const from = kernel.now;
        expect(signed.send(image, 1, sent)).toEqual([SUCCESS, FAILURE]);
        const ms = (kernel.now - from) / kernel.cyclesOf(1e6);
        expect(ms).toBeGreaterThan(200);
        expect(ms).toBeLessThan(205);
        expect(signed.errors.take()).toEqual([
          "lib_manager: library 1 refused: its image did not arrive (ETIMEDOUT)",
        ]);
      });
    },
  );

  it("a library whose DMA fails, at whichever block", () => {
    const { libraryDma } = signed.lab.firmware.failures;
    const blocks = Math.ceil(image.length / BLOCK);
    expect(blocks).toBe(3);
    for (let block = 1; block <= blocks; block++) {
      isWellAfter(signed, () => {
        libraryDma.failAfter(block);
        expect(signed.send(image)).toEqual([SUCCESS, FAILURE]);
        expect(libraryDma.failurePending).toBe(false);
        expect(signed.errors.take()).toEqual([
          "lib_manager: library 1 refused: its image did not arrive (EIO)",
        ]);
      });
    }
  });

  it("a number that is none, or is taken", () => {
    isWellAfter(signed, () => {
      expect(signed.send(image, 0)).toEqual([SUCCESS, INVALID_PARAM]);
      expect(signed.errors.take()).toHaveLength(1);
      expect(signed.send(image, 1)).toEqual([SUCCESS, SUCCESS]);
      for (const file of [image, maths]) {
        expect(signed.send(file, 1)).toEqual([SUCCESS, FAILURE]);
        expect(signed.errors.take()).toEqual([
          "lib_manager: library 1 refused: there is one of this number (EEXIST)",
        ]);
      }
      expect(signed.status(unloadModules([EFFECT]))).toBe(SUCCESS);
    });
  });

  it("a channel that is not there, is taken, or fails", () => {
    const { libraryDma } = signed.lab.firmware.failures;
    isWellAfter(signed, () => {
      for (const message of [loadLibraryPrepare, (dma: number) => loadLibrary(dma, 1)]) {
        expect(signed.status(message(31))).toBe(INVALID_PARAM);
        expect(signed.status(message(TAKEN))).toBe(FAILURE);
        libraryDma.failAfter(0);
        expect(signed.status(message(5))).toBe(FAILURE);
        expect(libraryDma.failurePending).toBe(false);
      }
      signed.errors.take();
    });
  });

  it("nothing that comes without LOAD_LIBRARY_PREPARE, as older hosts have it", () => {
    const { streams } = signed.lab;
    isWellAfter(signed, () => {
      const stream = streams.allocate("playback");
      const bufferBytes = Math.ceil(image.length / 4096) * 4096;
      const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
      stream?.configure({ bufferBytes, periodBytes: bufferBytes, format });
      stream?.write(0, image);
      stream?.start();
      expect(signed.status(loadLibrary((stream?.tag ?? 0) - 1, 3))).toBe(SUCCESS);
      stream?.stop();
      stream?.release();
      expect(signed.status(unloadModules([3 << 12]))).toBe(SUCCESS);
    });
  });

  it("a library for which memory is short, of whatever kind", () => {
    for (const memory of MEMORIES) {
      const failures = signed.lab.firmware.failures[memory];
      for (let allocation = 0; ; allocation++) {
        expect(allocation).toBeLessThan(20);
        const before = signed.use;
        failures.failAfter(allocation);
        const statuses = signed.send(image);
        const enough = failures.failurePending;
        failures.failAfter(Number.POSITIVE_INFINITY);
        expect(statuses).toEqual([SUCCESS, enough ? SUCCESS : FAILURE]);
        if (enough) break;
        expect(signed.use).toEqual(before);
        expect(signed.errors.take()).toHaveLength(1);
      }
      expect(signed.status(unloadModules([EFFECT]))).toBe(SUCCESS);
    }
    isWellAfter(signed, () => {});
  });

  it("a library that the LL domain has no partition for, and those after it", () => {
    const full = new LibraryBench({ CONFIG_MAX_DOMAIN_PARTITIONS: 14 });
    const before = full.use;
    const ids = Array.from({ length: 15 }, (_, i) => i + 1);
    const loaded = ids.filter((id) => full.send(image, id)[1] === SUCCESS);
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.length).toBeLessThan(15);
    const said = full.errors.take();
    expect(said).toHaveLength(15 - loaded.length);
    for (const line of said) expect(line).toContain("its image cannot be mapped (ENOSPC)");
    expect(full.status(unloadModules(loaded.map((id) => id << 12)))).toBe(SUCCESS);
    expect(full.use).toEqual(before);
    expect(full.steady.faults).toEqual([]);
  });
});

describe("LOAD_LIBRARY_PREPARE", () => {
  it("takes a channel anew each time: nothing of what came through it before is in it", () => {
    const before = signed.use;
    const stream = signed.lab.streams.allocate("playback");
    const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
    stream?.configure({ bufferBytes: 4096, periodBytes: 4096, format });
    stream?.write(0, new Uint8Array(4096).fill(0xee));
    expect(signed.status(loadLibraryPrepare((stream?.tag ?? 0) - 1))).toBe(SUCCESS);
    stream?.start();
    signed.lab.run(1);
    stream?.stop();
    stream?.release();
    works(signed);
    expect(signed.use).toEqual(before);
  });

  it("holds one channel, until the next or a library", () => {
    isWellAfter(signed, () => {
      const { dmaChannels } = signed.use;
      for (const channel of [4, 5, 5, 6]) {
        expect(signed.status(loadLibraryPrepare(channel))).toBe(SUCCESS);
        expect(signed.use.dmaChannels).toBe(dmaChannels + 1);
      }
      // One that cannot be had leaves none.
      expect(signed.status(loadLibraryPrepare(TAKEN))).toBe(FAILURE);
      expect(signed.use.dmaChannels).toBe(dmaChannels);
    });
  });

  it("keeps its channel from streams, and the channels of streams from libraries", () => {
    isWellAfter(signed, () => {
      const reader: End = [Id.COPIER, 0];
      expect(signed.status(createPipeline(0))).toBe(SUCCESS);
      expect(signed.status(loadLibraryPrepare(5))).toBe(SUCCESS);
      expect(signed.status(initInstance(reader, 0, copier(5, 768)))).not.toBe(SUCCESS);
      // A failed load gives it back.
      expect(signed.status(loadLibrary(5, 1))).toBe(FAILURE);
      expect(signed.status(initInstance(reader, 0, copier(5, 768)))).toBe(SUCCESS);
      expect(signed.status(loadLibraryPrepare(5))).toBe(FAILURE);
      expect(signed.status(deletePipeline(0))).toBe(SUCCESS);
      signed.errors.take();
    });
  });
});

describe("INIT_INSTANCE of a library's module refuses", () => {
  const end: End = [EFFECT, 0];

  /** With both libraries loaded and a pipeline made. */
  function loaded(scenario: () => void): void {
    isWellAfter(signed, () => {
      expect([signed.send(image)[1], signed.send(maths, 2)[1]]).toEqual([SUCCESS, SUCCESS]);
      expect(signed.status(createPipeline(0))).toBe(SUCCESS);
      scenario();
      expect(signed.status(deletePipeline(0))).toBe(SUCCESS);
      expect(signed.status(unloadModules([EFFECT, MATHS]))).toBe(SUCCESS);
      signed.errors.take();
    });
  }

  it.each([
    ["in the LL tick", {}],
    ["in a thread of its own", { dataProcessing: true }],
  ])("to link when memory is short, of whatever kind, %s", (_where, options) => {
    loaded(() => {
      for (const memory of MEMORIES) {
        const failures = signed.lab.firmware.failures[memory];
        for (let allocation = 0; ; allocation++) {
          expect(allocation).toBeLessThan(40);
          const before = signed.use;
          failures.failAfter(allocation);
          const status = signed.status(initInstance(end, 0, base40, options));
          const enough = failures.failurePending;
          failures.failAfter(Number.POSITIVE_INFINITY);
          if (enough) {
            expect(status).toBe(SUCCESS);
            expect(signed.status(deleteInstance(end))).toBe(SUCCESS);
            // Text, read-only data, data, two cold sections, and those of the library that it calls.
            if (memory === "libraries") expect(allocation).toBeGreaterThanOrEqual(7);
            break;
          }
          expect(status, `allocation ${allocation} of ${memory}`).not.toBe(SUCCESS);
          expect(signed.use).toEqual(before);
          signed.errors.take();
        }
      }
    });
  });

  it("more of them than its manifest admits, an auxiliary one, and one that is not there", () => {
    loaded(() => {
      expect(signed.status(initInstance(end, 0, base40))).toBe(SUCCESS);
      expect(signed.status(initInstance([EFFECT, 1], 0, base40))).toBe(SUCCESS);
      const before = signed.use;
      for (const other of [
        [EFFECT, 0],
        [EFFECT, 2],
        [MATHS, 0],
        [EFFECT + 1, 0],
        [0x3000, 0],
      ] as const) {
        expect(signed.status(initInstance(other, 0, base40))).not.toBe(SUCCESS);
        expect(signed.use).toEqual(before);
      }
    });
  });

  it("code that no addresses are left for", () => {
    const small = new LibraryBench({ CONFIG_LIBRARY_REGION_SIZE: 0x5000 });
    const before = small.use;
    expect([small.send(image)[1], small.send(maths, 2)[1]]).toEqual([SUCCESS, SUCCESS]);
    expect(small.status(createPipeline(0))).toBe(SUCCESS);
    expect(small.status(initInstance(end, 0, base40))).not.toBe(SUCCESS);
    expect(small.errors.take()[0]).toMatch(/no \d+ bytes of addresses are free \(ENOMEM\)/);
    expect(small.status(deletePipeline(0))).toBe(SUCCESS);
    expect(small.status(unloadModules([EFFECT, MATHS]))).toBe(SUCCESS);
    expect(small.use).toEqual(before);
    expect(small.steady.faults).toEqual([]);
  });
});

describe("UNLOAD_MULTIPLE_MODULES refuses", () => {
  it("no module, a module of the base image, and a library that is not loaded, and then unloads none", () => {
    isWellAfter(signed, () => {
      expect(signed.send(maths, 2)).toEqual([SUCCESS, SUCCESS]);
      for (const [ids, status] of [
        [[], INVALID_PARAM],
        [[Id.COPIER], INVALID_PARAM],
        [[MATHS, Id.COPIER], INVALID_PARAM],
        [[EFFECT], NO_SUCH_RESOURCE],
        [[MATHS, EFFECT], NO_SUCH_RESOURCE],
      ] as const) {
        expect(signed.status(unloadModules(ids))).toBe(status);
        expect(signed.lab.firmware.libraryManager?.libraries()).toHaveLength(1);
      }
      expect(signed.status(unloadModules([MATHS]))).toBe(SUCCESS);
      expect(signed.status(unloadModules([MATHS]))).toBe(NO_SUCH_RESOURCE);
    });
  });

  it("a library with instances, and one that it calls, alone or among others", () => {
    isWellAfter(signed, () => {
      const end: End = [EFFECT, 0];
      const third = [signed.send(image)[1], signed.send(maths, 2)[1], signed.send(image, 3)[1]];
      expect(third).toEqual([SUCCESS, SUCCESS, SUCCESS]);
      expect(signed.status(createPipeline(0))).toBe(SUCCESS);
      expect(signed.status(initInstance(end, 0, base40))).toBe(SUCCESS);
      for (const ids of [[EFFECT], [MATHS], [EFFECT, MATHS], [0x3000, MATHS], [0x3000, EFFECT]]) {
        expect(signed.status(unloadModules(ids))).toBe(BUSY);
        expect(signed.lab.firmware.libraryManager?.libraries()).toHaveLength(3);
      }
      expect(signed.status(deleteInstance(end))).toBe(SUCCESS);
      expect(signed.status(deletePipeline(0))).toBe(SUCCESS);
      expect(signed.status(unloadModules([MATHS, EFFECT, 0x3000]))).toBe(SUCCESS);
      signed.errors.take();
    });
  });
});

describe("the stream beside it", () => {
  // Last, because it looks back on everything above.
  it("has lost nothing", () => {
    for (const { steady } of [signed, open]) {
      expect(steady.faults).toEqual([]);
      expect(steady.framesHeard).toBeGreaterThan(48 * 10);
    }
  });
});
