import { InputError } from "@sof-ts/kit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex, sameBytes, thrown, words, wordsOf } from "../../test/support.js";
import { decodeCopierConfig, encodeCopierConfig } from "./copier.js";
import { memoryRequest } from "./data-objects.js";
import { decodeExtendedInit, encodeExtendedInit } from "./extended-init.js";
import { decodeGainConfig, encodeGainConfig, rampMs } from "./gain.js";
import { decodeModuleInstanceProps, encodeModuleInstanceProps } from "./instance-props.js";
import { asrcConfig, srcConfig } from "./module-init.js";
import {
  decodeCreatePipelinePayload,
  decodePipelineIds,
  encodeCreatePipelinePayload,
  encodePipelineIds,
} from "./pipeline-payloads.js";

const stereo32 = {
  samplingFrequency: 48000,
  depth: 32,
  chMap: 0xffff_ff10,
  chCfg: 1,
  interleavingStyle: 0,
  channelsCount: 2,
  validBitDepth: 32,
  sampleType: 1,
};
const stereo16 = { ...stereo32, depth: 16, validBitDepth: 16 };
const base = { cpc: 0, ibs: 384, obs: 384, isPages: 0, audioFmt: stereo32 };
const wordBytes = (minimum: number, maximum: number) =>
  fc
    .array(fc.integer({ min: 0, max: 0xffff_ffff }), { minLength: minimum, maxLength: maximum })
    .map((values) => words(...values));

describe("copier init payload", () => {
  const wire = hex(`
    00 00 00 00 c0 00 00 00 80 01 00 00 01 00 00 00
    80 bb 00 00 10 00 00 00 10 ff ff ff 01 00 00 00
    00 00 00 00 02 10 01 00 80 bb 00 00 20 00 00 00
    10 ff ff ff 01 00 00 00 00 00 00 00 02 20 01 00
    01 00 00 00 02 01 00 00 80 01 00 00 01 00 00 00
    01 00 00 00`);
  const config = {
    base: { cpc: 0, ibs: 192, obs: 384, isPages: 1, audioFmt: stereo16 },
    outFmt: stereo32,
    featureMask: 1,
    gateway: { nodeId: 0x102, dmaBufferSize: 384, configData: words(1) },
  };

  it("of a host copier is 84 bytes", () => {
    expect(decodeCopierConfig(wire)).toEqual(config);
    expect(encodeCopierConfig(config)).toEqual(wire);
  });

  it("comes back byte for byte", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 76, maxLength: 76 }),
        wordBytes(1, 40),
        fc.uint8Array({ maxLength: 9 }),
        (head, configData, tail) => {
          const payload = Uint8Array.of(
            ...head,
            ...words(configData.length / 4),
            ...configData,
            ...tail,
          );
          expect(encodeCopierConfig(decodeCopierConfig(payload))).toEqual(payload);
        },
      ),
    );
  });

  it("has a word after the length even when the length is zero", () => {
    const none = { ...config, gateway: { ...config.gateway, configData: new Uint8Array(0) } };
    const encoded = encodeCopierConfig(none);
    expect(encoded).toHaveLength(84);
    expect(encoded[76]).toBe(0);
    expect(decodeCopierConfig(encoded)).toEqual({ ...none, tail: new Uint8Array(4) });
  });

  it("is refused when it is short or its configuration runs past it", () => {
    const short = thrown(() => decodeCopierConfig(wire.subarray(0, 80)));
    expect(short).toBeInstanceOf(InputError);
    expect(String(short)).toContain("80 bytes, a copier needs at least 84");
    const long = wire.slice();
    long[76] = 2;
    expect(thrown(() => decodeCopierConfig(long))).toMatchObject({ offset: 76 });
    long.set([0xff, 0xff, 0xff, 0xff], 76);
    expect(thrown(() => decodeCopierConfig(long))).toMatchObject({ offset: 76 });
  });
});

describe("gain init payload", () => {
  const entry = {
    channelId: 0xffff_ffff,
    targetVolume: 0x7fff_ffff,
    curveType: 1,
    curveDuration: 200_000n,
  };

  it("of 0 dB for all channels ends in six words", () => {
    const wire = encodeGainConfig({ base, entries: [entry] });
    expect(wire).toHaveLength(64);
    expect(wordsOf(wire.subarray(40))).toEqual([0xffff_ffff, 0x7fff_ffff, 1, 0, 200_000, 0]);
    expect(decodeGainConfig(wire)).toEqual({ base, entries: [entry] });
    expect(rampMs(200_000n)).toBe(20);
  });

  it("has an entry for each channel unless the first is for all", () => {
    const entries = [0, 1].map((channelId) => ({ ...entry, channelId }));
    const wire = encodeGainConfig({ base, entries });
    expect(decodeGainConfig(wire)).toEqual({ base, entries });
    expect(thrown(() => decodeGainConfig(wire.subarray(0, 64)))).toMatchObject({ offset: 64 });
    expect(thrown(() => decodeGainConfig(wire.subarray(0, 63)))).toBeInstanceOf(InputError);
  });

  it("keeps what follows the entries that count", () => {
    const wire = encodeGainConfig({ base, entries: [entry], tail: Uint8Array.of(1, 2, 3) });
    expect(decodeGainConfig(wire).tail).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe("rate converters' init payloads", () => {
  it("end in their output rate", () => {
    expect(wordsOf(srcConfig.encode({ base, sinkRate: 44100 })).slice(10)).toEqual([44100]);
    const asrc = { base, outFreq: 48000, mode: 2, disableJitterBuffer: true };
    expect(wordsOf(asrcConfig.encode(asrc)).slice(10)).toEqual([48000, 0x12]);
  });
});

describe("extended init payload", () => {
  const dpData = {
    id: 1,
    data: memoryRequest.encode({ domainId: 0, stackBytes: 4096, heapBytes: 8192 }),
  };

  it("puts header and objects before the module's own payload", () => {
    const value = {
      rtosDomain: false,
      gnaUsed: false,
      objects: [dpData],
      init: Uint8Array.of(1, 2, 3, 4),
    };
    const wire = encodeExtendedInit(value);
    expect(wordsOf(wire)).toEqual([4, 0, 0, 0x0003_0003, 0, 4096, 8192, 0x0403_0201]);
    expect(decodeExtendedInit(wire)).toEqual(value);
  });

  it("comes back as it was", () => {
    const objects = fc.array(
      fc.record({ id: fc.integer({ min: 0, max: 0x7fff }), data: wordBytes(0, 4) }),
      { maxLength: 4 },
    );
    const value = fc.record({
      rtosDomain: fc.boolean(),
      gnaUsed: fc.boolean(),
      objects,
      init: wordBytes(0, 6),
    });
    fc.assert(
      fc.property(value, (init) => {
        expect(decodeExtendedInit(encodeExtendedInit(init))).toEqual(init);
      }),
    );
  });

  it("is refused when an object runs past it", () => {
    const wire = words(4, 0, 0, 0x0003_0002, 0, 4096, 8192, 0x0004_0005, 1, 2, 3);
    const error = thrown(() => decodeExtendedInit(wire));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ offset: 28 });
    expect(thrown(() => decodeExtendedInit(words(4, 0, 0)))).toMatchObject({ offset: 12 });
    expect(thrown(() => decodeExtendedInit(words(4, 0)))).toMatchObject({ offset: 0 });
  });
});

describe("CREATE_PIPELINE payload", () => {
  it("states its whole length in words", () => {
    const memory = memoryRequest.encode({ domainId: 2, stackBytes: 0x1000, heapBytes: 0x2000 });
    const payload = { objects: [{ id: 1, data: memory }] };
    const wire = encodeCreatePipelinePayload(payload);
    expect(wordsOf(wire)).toEqual([0x0100_0007, 0, 0, 0x0003_0003, 2, 0x1000, 0x2000]);
    expect(decodeCreatePipelinePayload(wire)).toEqual(payload);
    expect(memoryRequest.decode(payload.objects[0]?.data as Uint8Array)).toEqual({
      domainId: 2,
      stackBytes: 0x1000,
      heapBytes: 0x2000,
    });
  });

  it("lies at the start of the mailbox", () => {
    const mailbox = new Uint8Array(4096);
    mailbox.set(encodeCreatePipelinePayload({ objects: [{ id: 9, data: words(5) }] }));
    expect(decodeCreatePipelinePayload(mailbox)).toEqual({ objects: [{ id: 9, data: words(5) }] });
  });

  it("keeps every bit", () => {
    const objects = fc.array(
      fc.record({ id: fc.integer({ min: 0, max: 0x7fff }), data: wordBytes(0, 3) }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(
        objects,
        wordBytes(1, 2),
        fc.integer({ min: 1, max: 127 }),
        (list, tail, bits) => {
          const reserved = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
          const payload = { objects: list, tail, reservedBits: bits, reserved };
          expect(decodeCreatePipelinePayload(encodeCreatePipelinePayload(payload))).toEqual(
            payload,
          );
        },
      ),
    );
  });

  it.each([
    ["shorter than its header", words(2, 0, 0), 0],
    ["longer than the mailbox", words(4, 0, 0), 0],
    ["without an object that it announces", words(0x0100_0003, 0, 0), 12],
    ["with an object that runs past it", words(0x0100_0005, 0, 0, 0x0002_0003, 1, 2), 12],
    ["without a last object", words(0x0100_0004, 0, 0, 0x0000_0002), 16],
  ])("is refused when it is %s", (_what, wire, offset) => {
    const error = thrown(() => decodeCreatePipelinePayload(wire));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ source: "CREATE_PIPELINE payload", offset });
  });
});

describe("SET_PIPELINE_STATE payload", () => {
  it("is a count and the ids in trigger order", () => {
    const wire = hex("02 00 00 00 01 00 00 00 00 00 00 00");
    expect(encodePipelineIds([1, 0])).toEqual(wire);
    expect(decodePipelineIds(wire)).toEqual([1, 0]);
    expect(decodePipelineIds(words(0))).toEqual([]);
  });

  it("is refused when the count is larger than the rest", () => {
    const error = thrown(() => decodePipelineIds(words(0x4000_0000, 1, 2)));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ offset: 0 });
    expect(thrown(() => decodePipelineIds(new Uint8Array(3)))).toBeInstanceOf(InputError);
  });

  it("names 1023 pipelines at most", () => {
    expect(encodePipelineIds(Array.from({ length: 1023 }, () => 1))).toHaveLength(4096);
    expect(() => encodePipelineIds(Array.from({ length: 1024 }, () => 1))).toThrow("1024");
  });
});

describe("module instance properties", () => {
  const pin = { streamType: 0, format: stereo32, physQueueId: 3 };
  const props = {
    id: 0x0001_0004,
    dpQueueType: 0,
    queueAlignment: 64,
    cpUsageMask: 0,
    stackBytes: 4096,
    bssTotalBytes: 1,
    bssUsedBytes: 2,
    ibsBytes: 384,
    obsBytes: 768,
    cpc: 1000,
    cpcPeak: 2000,
    inputQueues: [pin],
    outputQueues: [pin, { ...pin, physQueueId: 4 }],
    inputGateway: 0xffff_ffff,
    outputGateway: 0x0801,
  };

  it("take 60 bytes and 32 for each pin", () => {
    const wire = encodeModuleInstanceProps(props);
    expect(wire).toHaveLength(60 + 3 * 32);
    expect(decodeModuleInstanceProps(wire)).toEqual(props);
    expect(wordsOf(wire.subarray(44, 48))).toEqual([1]);
    expect(wordsOf(wire.subarray(-8))).toEqual([0xffff_ffff, 0x0801]);
  });

  it("are refused when a pin is missing", () => {
    const wire = encodeModuleInstanceProps(props);
    expect(thrown(() => decodeModuleInstanceProps(wire.subarray(0, 100)))).toMatchObject({
      source: "module_instance_props",
      offset: 80,
    });
    expect(sameBytes(encodeModuleInstanceProps(decodeModuleInstanceProps(wire)), wire)).toBe(true);
  });
});
