import { InputError } from "@sof-ts/kit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { thrown } from "../../test/support.js";
import { decodeWords, romPurgeWord } from "./message.js";
import { decodeNotification, encodeNotification } from "./notification.js";
import { decodeReply, encodeReply, replyWords } from "./reply.js";
import { decodeRequest, encodeRequest, type Ipc4Message } from "./request.js";

const REPLY_BIT = 0x2000_0000;
const anyWord = fc.integer({ min: 0, max: 0xffff_ffff });
const requestWord = anyWord.map((word) => (word & ~REPLY_BIT) >>> 0);
const replyWord = anyWord.map((word) => (word | REPLY_BIT) >>> 0);

const createPipeline = {
  kind: "create-pipeline",
  memPages: 2,
  priority: 0,
  pipelineId: 1,
  lowPower: false,
  attributes: 0,
  coreId: 0,
  hasPayload: false,
} as const;
const setState = {
  kind: "set-pipeline-state",
  state: 4,
  pipelineId: 0,
  multiPipeline: false,
  syncStopStart: false,
} as const;
const link = {
  moduleId: 4,
  instanceId: 0,
  dstModuleId: 6,
  dstInstanceId: 0,
  dstQueue: 0,
  srcQueue: 0,
} as const;

const encodings: [string, Ipc4Message, number, number][] = [
  ["CREATE_PIPELINE", createPipeline, 0x1101_0002, 0],
  [
    "CREATE_PIPELINE with every field",
    {
      kind: "create-pipeline",
      memPages: 0x7ff,
      priority: 7,
      pipelineId: 255,
      lowPower: true,
      attributes: 1,
      coreId: 2,
      hasPayload: true,
    },
    0x11ff_3fff,
    0x2020_0011,
  ],
  ["DELETE_PIPELINE", { kind: "delete-pipeline", pipelineId: 1 }, 0x1201_0000, 0],
  ["SET_PIPELINE_STATE of one", { ...setState, pipelineId: 1 }, 0x1301_0004, 0],
  ["SET_PIPELINE_STATE of many", { ...setState, state: 3, multiPipeline: true }, 0x1300_0003, 1],
  [
    "INIT_INSTANCE",
    {
      kind: "init-instance",
      moduleId: 4,
      instanceId: 0,
      paramBlockWords: 21,
      pipelineId: 1,
      coreId: 0,
      procDomain: 0,
      extendedInit: false,
    },
    0x4000_0004,
    0x0001_0015,
  ],
  [
    "INIT_INSTANCE with every field",
    {
      kind: "init-instance",
      moduleId: 0x1002,
      instanceId: 7,
      paramBlockWords: 0x400,
      pipelineId: 3,
      coreId: 1,
      procDomain: 1,
      extendedInit: true,
    },
    0x4007_1002,
    0x3103_0400,
  ],
  ["BIND", { kind: "bind", ...link }, 0x4500_0004, 0x0000_0006],
  [
    "BIND with queues",
    { kind: "bind", ...link, instanceId: 1, dstModuleId: 4, dstInstanceId: 4, srcQueue: 1 },
    0x4501_0004,
    0x0804_0004,
  ],
  [
    "BIND to a second input",
    { kind: "bind", ...link, moduleId: 2, dstModuleId: 3, dstQueue: 1 },
    0x4500_0002,
    0x0100_0003,
  ],
  ["UNBIND", { kind: "unbind", ...link }, 0x4600_0004, 0x0000_0006],
  [
    "LARGE_CONFIG_GET",
    {
      kind: "large-config-get",
      moduleId: 0,
      instanceId: 0,
      dataOffSize: 4096,
      paramId: 7,
      finalBlock: false,
      initBlock: true,
    },
    0x4300_0000,
    0x2070_1000,
  ],
  [
    "LARGE_CONFIG_SET",
    {
      kind: "large-config-set",
      moduleId: 6,
      instanceId: 0,
      dataOffSize: 24,
      paramId: 0,
      finalBlock: true,
      initBlock: true,
    },
    0x4400_0006,
    0x3000_0018,
  ],
  [
    "CONFIG_SET",
    { kind: "config-set", moduleId: 2, instanceId: 1, paramId: 0x3000, data: 1 },
    0x4201_0002,
    0x3000_0001,
  ],
  ["SET_DX", { kind: "set-dx", moduleId: 0, instanceId: 0 }, 0x4700_0000, 0],
  [
    "SET_D0IX",
    {
      kind: "set-d0ix",
      moduleId: 0,
      instanceId: 0,
      wake: false,
      streaming: true,
      preventPowerGating: true,
      preventLocalClockGating: false,
    },
    0x4800_0000,
    6,
  ],
  [
    "CHAIN_DMA",
    {
      kind: "chain-dma",
      hostDmaId: 0,
      linkDmaId: 1,
      allocate: true,
      enable: true,
      scs: true,
      fifoSize: 768,
    },
    0x0e07_0100,
    0x0000_0300,
  ],
  ["LOAD_LIBRARY", { kind: "load-library", dmaId: 3, libId: 1, loadOffset: 0 }, 0x1801_0003, 0],
  [
    "LOAD_LIBRARY_PREPARE",
    { kind: "load-library-prepare", dmaId: 0, libId: 0, loadOffset: 0 },
    0x1900_0000,
    0,
  ],
  ["IPCGATEWAY_CMD", { kind: "ipc-gateway-cmd", cmd: 2, dataSize: 64 }, 0x0200_0002, 64],
  ["GET_PIPELINE_STATE", { kind: "get-pipeline-state", pipelineId: 5 }, 0x1400_0005, 0],
  ["DELETE_INSTANCE", { kind: "delete-instance", moduleId: 9, instanceId: 2 }, 0x4b02_0009, 0],
  [
    "a gap of the protocol",
    { kind: "unknown-global", type: 5, parameter: 1, data: 2 },
    0x0500_0001,
    2,
  ],
  [
    "an unknown module message",
    { kind: "unknown-module", type: 14, moduleId: 1, instanceId: 2, data: 3 },
    0x4e02_0001,
    3,
  ],
];

describe("requests", () => {
  it.each(encodings)("%s", (_name, message, primary, extension) => {
    expect(encodeRequest(message)).toEqual({ primary, extension });
    expect(decodeRequest(primary, extension)).toEqual(message);
  });

  it("keep all bits of any two words", () => {
    fc.assert(
      fc.property(requestWord, anyWord, (primary, extension) => {
        const message = decodeRequest(primary, extension);
        expect(encodeRequest(message)).toEqual({ primary, extension });
      }),
      { numRuns: 1000 },
    );
  });

  it("have a kind of their own for each defined type and none for the gaps", () => {
    const kinds = Array.from({ length: 64 }, (_, which) => {
      const target = which >= 32 ? 0x4000_0000 : 0;
      return decodeRequest(target + (which % 32) * 0x100_0000, 0).kind;
    });
    const gaps = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 28, 29, 30];
    expect(kinds.flatMap((kind, i) => (kind === "unknown-global" ? [i] : []))).toEqual(gaps);
    expect(kinds.slice(32 + 12).every((kind) => kind === "unknown-module")).toBe(true);
    expect(new Set(kinds.filter((kind) => !kind.startsWith("unknown"))).size).toBe(31);
  });

  it("keep the busy bit of the doorbell aside", () => {
    const message = decodeRequest(0xc501_0002, 0x0100_0003);
    expect(message).toMatchObject({ kind: "bind", instanceId: 1, reservedPrimary: 0x8000_0000 });
  });

  it("keep undefined bits aside", () => {
    expect(decodeRequest(0x1201_0005, 0x8000_0001)).toEqual({
      kind: "delete-pipeline",
      pipelineId: 1,
      reservedPrimary: 5,
      reservedExtension: 0x8000_0001,
    });
  });

  it("are not replies", () => {
    const error = thrown(() => decodeRequest(0x3100_0000, 0));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ source: "request", offset: 3 });
  });

  it("take no value that does not fit its field", () => {
    expect(() => encodeRequest({ ...createPipeline, priority: 32 })).toThrow(
      "create-pipeline.priority: 32 does not fit 5 bits",
    );
    expect(() => encodeRequest({ ...createPipeline, reservedExtension: 1 })).toThrow(
      "reserved bits that belong to a field",
    );
    expect(() => encodeRequest({ ...createPipeline, lowPower: 1 as never })).toThrow("lowPower");
  });
});

describe("replies", () => {
  it("carry status and the request's extension", () => {
    const request = { primary: 0x1101_0002, extension: 0x0010_0000 };
    expect(replyWords(request, 0)).toEqual({ primary: 0x3100_0000, extension: 0x0010_0000 });
    expect(replyWords({ primary: 0x4501_0004, extension: 0x0804_0004 }, 9)).toEqual({
      primary: 0x6500_0009,
      extension: 0x0804_0004,
    });
    expect(replyWords({ primary: 0x1305_0002, extension: 0 }, 0).primary).toBe(0x3300_0000);
  });

  it("show a negative result that leaks as its low 24 bits", () => {
    expect(replyWords({ primary: 0x4400_0000, extension: 0 }, -5).primary).toBe(0x64ff_fffb);
  });

  it("leave the busy bit of the request out", () => {
    expect(replyWords({ primary: 0xc000_0004, extension: 0 }, 0).primary).toBe(0x6000_0000);
  });

  it("are read by the fields of their request", () => {
    expect(decodeReply(0x6300_0000, 0x3070_0123)).toEqual({
      kind: "large-config-get",
      status: 0,
      dataOffSize: 0x123,
      paramId: 7,
      finalBlock: true,
      initBlock: true,
    });
    expect(decodeReply(0x3400_0000, 4)).toEqual({
      kind: "get-pipeline-state",
      status: 0,
      state: 4,
    });
    expect(decodeReply(0x2200_0006, 64)).toEqual({
      kind: "ipc-gateway-cmd",
      status: 6,
      payloadSize: 64,
    });
    expect(decodeReply(0x3300_0bca, 0)).toMatchObject({ status: 3018 });
    expect(decodeReply(0x6e00_0002, 7)).toEqual({
      kind: "unknown-module",
      type: 14,
      status: 2,
      data: 7,
    });
  });

  it("keep all bits of any two words", () => {
    fc.assert(
      fc.property(replyWord, anyWord, (primary, extension) => {
        expect(encodeReply(decodeReply(primary, extension))).toEqual({ primary, extension });
      }),
      { numRuns: 1000 },
    );
  });

  it("are not requests", () => {
    expect(thrown(() => decodeReply(0x1100_0000, 0))).toBeInstanceOf(InputError);
  });
});

describe("notifications", () => {
  it.each([
    [0x1b08_0000, 0, { kind: "fw-ready", librariesRestored: false }],
    [0x1b08_8000, 0, { kind: "fw-ready", librariesRestored: true }],
    [0x1b04_0007, 8192, { kind: "phrase-detected", wordId: 7, score: 8192 }],
    [0x1b05_0000, 0, { kind: "resource-event" }],
    [0x1b06_2000, 0, { kind: "log-buffer-status", coreId: 2 }],
    [0x1b0a_0000, 1, { kind: "exception-caught", coreId: 1 }],
    [0x1b0c_0000, 0, { kind: "module-notification" }],
    [0x1b0f_0013, 0, { kind: "watchdog-timeout", coreId: 3, firstTimeout: true }],
    [0x1b20_0001, 2, { kind: "unknown-notification", notificationType: 32, parameter: 1, data: 2 }],
  ] as const)("word %i", (primary, extension, value) => {
    expect(decodeNotification(primary, extension)).toEqual(value);
    expect(encodeNotification(value)).toEqual({ primary, extension });
  });

  it("keep all bits of any two words", () => {
    const primaries = anyWord.map((word) => ((word & 0x80ff_ffff) | 0x1b00_0000) >>> 0);
    fc.assert(
      fc.property(primaries, anyWord, (primary, extension) => {
        const value = decodeNotification(primary, extension);
        expect(encodeNotification(value)).toEqual({ primary, extension });
      }),
      { numRuns: 500 },
    );
  });

  it("are neither requests nor replies", () => {
    expect(thrown(() => decodeNotification(0x3b08_0000, 0))).toBeInstanceOf(InputError);
    expect(thrown(() => decodeNotification(0x5b08_0000, 0))).toBeInstanceOf(InputError);
  });
});

describe("any words", () => {
  it("are told apart by their own bits", () => {
    expect(decodeWords(0x1b08_0000, 0).type).toBe("notification");
    expect(decodeWords(0x3b08_0000, 0).type).toBe("reply");
    expect(decodeWords(0x5b08_0000, 0).type).toBe("request");
  });

  it("tell the boot ROM its DMA stream", () => {
    expect(romPurgeWord(1)).toBe(0x0100_4000);
    expect(romPurgeWord(8)).toBe(0x0100_4e00);
  });
});
