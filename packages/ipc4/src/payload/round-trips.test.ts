import { InputError } from "@sof-ts/kit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameBytes, thrown, words } from "../../test/support.js";
import * as ipc4 from "../index.js";

type Decode = (payload: Uint8Array) => unknown;

/** What of a payload is left of it when it is read and written again. */
const again =
  <T>(decode: (payload: Uint8Array) => T, encode: (value: T) => Uint8Array) =>
  (payload: Uint8Array): Uint8Array =>
    encode(decode(payload));

/** Structures of variable length, which keep all that they read; what follows they leave alone. */
const rereaders: Readonly<Record<string, (payload: Uint8Array) => Uint8Array>> = {
  AlhBlob: again(ipc4.decodeAlhBlob, ipc4.encodeAlhBlob),
  BaseModuleCfgExt: again(ipc4.decodeBaseModuleCfgExt, ipc4.encodeBaseModuleCfgExt),
  BytesControl: again(ipc4.decodeBytesControl, ipc4.encodeBytesControl),
  ChannelControl: again(ipc4.decodeChannelControl, ipc4.encodeChannelControl),
  CopierConfig: again(ipc4.decodeCopierConfig, ipc4.encodeCopierConfig),
  CreatePipelinePayload: again(ipc4.decodeCreatePipelinePayload, ipc4.encodeCreatePipelinePayload),
  DmaConfig: again(ipc4.decodeDmaConfig, (config) => ipc4.dmaConfigTlv(config).value),
  DmaControl: again(ipc4.decodeDmaControl, ipc4.encodeDmaControl),
  DmicBlob: again(ipc4.decodeDmicBlob, ipc4.encodeDmicBlob),
  ExtendedInit: again(ipc4.decodeExtendedInit, ipc4.encodeExtendedInit),
  GainConfig: again(ipc4.decodeGainConfig, ipc4.encodeGainConfig),
  IpcGatewayData: again(ipc4.decodeIpcGatewayData, ipc4.encodeIpcGatewayData),
  KpbFastModeModules: again(ipc4.decodeKpbFastModeModules, ipc4.encodeKpbFastModeModules),
  MixinModes: again(ipc4.decodeMixinModes, ipc4.encodeMixinModes),
  ModuleInstanceProps: again(ipc4.decodeModuleInstanceProps, ipc4.encodeModuleInstanceProps),
  ModuleNotification: again(ipc4.decodeModuleNotification, ipc4.encodeModuleNotification),
  PipelineIds: again(ipc4.decodePipelineIds, ipc4.encodePipelineIds),
  PipelineList: again(ipc4.decodePipelineList, ipc4.encodePipelineList),
  SchedulersInfo: again(ipc4.decodeSchedulersInfo, ipc4.encodeSchedulersInfo),
  SspBlob: again(ipc4.decodeSspBlob, ipc4.encodeSspBlob),
};

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const someBytes = fc.uint8Array({ maxLength: 24 });
const tlv = fc.record({ type: fc.integer({ min: 0, max: 40 }), value: someBytes });
const tlvs = fc.array(tlv, { maxLength: 5 });

/** Values of one structure, and what they are when they come back. */
interface Writable {
  readonly values: fc.Arbitrary<unknown>;
  reread(value: never): unknown;
}

/** Structures of elements of which each is padded: values come back, whatever is in them. */
const rewriters: Readonly<Record<string, Writable>> = {
  AbiBlob: {
    values: fc.record({
      header: fc.record(
        {
          type: u32,
          abi: u32,
          reserved: fc
            .uint8Array({ minLength: 16, maxLength: 16 })
            .filter((bytes) => bytes.some(Boolean)),
        },
        { requiredKeys: ["type", "abi"] },
      ),
      data: someBytes,
    }),
    reread({ header, data }: Pick<ipc4.AbiBlob, "header" | "data">) {
      const blob = ipc4.decodeAbiBlob(ipc4.encodeAbiBlob(header, data));
      const { magic, size, ...read } = blob.header;
      expect([magic, size]).toEqual([0x3446_4f53, data.length]);
      return { header: read, data: blob.data };
    },
  },
  FwConfig: {
    values: tlvs,
    reread: (list: ipc4.Tlv[]) =>
      ipc4.decodeTlvs(ipc4.encodeFwConfig(ipc4.decodeFwConfig(ipc4.encodeTlvs(list)))),
  },
  HwConfig: {
    values: tlvs,
    reread: (list: ipc4.Tlv[]) =>
      ipc4.decodeTlvs(ipc4.encodeHwConfig(ipc4.decodeHwConfig(ipc4.encodeTlvs(list)))),
  },
  MemoryState: {
    values: fc.array(
      fc.record({
        type: u32,
        freePhysPages: u32,
        ebbState: fc.array(u32, { maxLength: 4 }),
        pageAlloc: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 5 }),
      }),
      { maxLength: 3 },
    ),
    reread: (states: ipc4.MemoryState[]) => ipc4.decodeMemoryState(ipc4.encodeMemoryState(states)),
  },
  PowerState: {
    values: fc.record(
      {
        activeCoresMask: u32,
        coreKcps: fc.array(u32, { maxLength: 5 }),
        others: fc.array(
          tlv.filter(({ type }) => type > 1),
          { minLength: 1, maxLength: 3 },
        ),
      },
      { requiredKeys: [] },
    ),
    reread: (state: ipc4.PowerState) => ipc4.decodePowerState(ipc4.encodePowerState(state)),
  },
  Tlvs: {
    values: tlvs,
    reread: (list: ipc4.Tlv[]) => ipc4.decodeTlvs(ipc4.encodeTlvs(list)),
  },
};

/** Readers of no one structure: of words, of logs, and of lists of any structure. */
const others = [
  "Request",
  "Reply",
  "Notification",
  "Words",
  "Log",
  "LogLine",
  "Array",
  "Counted",
] as const;

const decoders: readonly (readonly [string, Decode])[] = [
  ...Object.entries(rereaders),
  ["AbiBlob", ipc4.decodeAbiBlob],
  ["FwConfig", ipc4.decodeFwConfig],
  ["HwConfig", ipc4.decodeHwConfig],
  ["MemoryState", ipc4.decodeMemoryState],
  ["PowerState", ipc4.decodePowerState],
  ["Tlvs", ipc4.decodeTlvs],
  ["Array", (bytes) => ipc4.decodeArray(ipc4.probeDma, bytes)],
  ["Counted", (bytes) => ipc4.decodeCounted(ipc4.probeDma, bytes)],
];

/** Words that are small more often than not, so that counts in them come true. */
const word = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff_ffff }) },
);
const wordLists = fc.oneof(
  fc.array(word, { maxLength: 24 }),
  fc.array(word, { minLength: 40, maxLength: 90 }),
);
const payload = fc
  .tuple(wordLists, fc.uint8Array({ maxLength: 3 }))
  .map(([list, rest]) => Uint8Array.of(...words(...list), ...rest));

describe("payloads of variable length", () => {
  it("are all here", () => {
    const exported = Object.keys(ipc4).flatMap((name) => /^decode(.+)/.exec(name)?.slice(1) ?? []);
    const tested = [...Object.keys(rereaders), ...Object.keys(rewriters), ...others];
    expect(exported.toSorted()).toEqual(tested.toSorted());
    expect(decoders.map(([name]) => name)).toEqual(
      expect.arrayContaining([...Object.keys(rereaders), ...Object.keys(rewriters)]),
    );
  });

  it.each(Object.entries(rewriters))("%s: is read as it was written", (_name, writable) => {
    fc.assert(
      fc.property(writable.values, (value) => {
        expect(writable.reread(value as never)).toEqual(value);
      }),
      { numRuns: 200, seed: 22 },
    );
  });

  it.each(Object.entries(rereaders))("%s: is written as it was read", (_name, reread) => {
    let read = 0;
    fc.assert(
      fc.property(payload, (bytes) => {
        let written: Uint8Array;
        try {
          written = reread(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          return;
        }
        read++;
        expect(sameBytes(written, bytes.subarray(0, written.length))).toBe(true);
      }),
      { numRuns: 300, seed: 20 },
    );
    expect(read).toBeGreaterThan(0);
  });

  it.each(decoders)("%s: is refused with source and offset when it is bad", (_name, decode) => {
    let refused = 0;
    fc.assert(
      fc.property(fc.oneof(payload, fc.uint8Array({ maxLength: 160 })), (bytes) => {
        const error = thrown(() => decode(bytes));
        if (error === undefined) return;
        refused++;
        expect(error).toBeInstanceOf(InputError);
        const { source, offset } = error as InputError;
        expect(source).toBeTypeOf("string");
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThanOrEqual(Math.max(bytes.length, 8));
      }),
      { numRuns: 200, seed: 21 },
    );
    expect(refused).toBeGreaterThan(0);
  });
});
