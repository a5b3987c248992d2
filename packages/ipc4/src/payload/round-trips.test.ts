import { InputError } from "@sof-ts/kit";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameBytes, thrown, words } from "../../test/support.js";
import { decodeBaseModuleCfgExt } from "../base-module-cfg.js";
import { decodeAbiBlob } from "./abi-header.js";
import {
  decodeDmaControl,
  decodeIpcGatewayData,
  encodeDmaControl,
  encodeIpcGatewayData,
} from "./base-fw-params.js";
import {
  decodeBytesControl,
  decodeChannelControl,
  encodeBytesControl,
  encodeChannelControl,
} from "./control.js";
import { decodeCopierConfig, encodeCopierConfig } from "./copier.js";
import { decodeDmicBlob, encodeDmicBlob } from "./dmic-blob.js";
import { decodeExtendedInit, encodeExtendedInit } from "./extended-init.js";
import { decodeFwConfig, decodeHwConfig } from "./fw-config.js";
import { decodeGainConfig, encodeGainConfig } from "./gain.js";
import { decodeAlhBlob, decodeDmaConfig, dmaConfigTlv, encodeAlhBlob } from "./gateway-blob.js";
import {
  decodeMemoryState,
  decodePipelineList,
  decodePowerState,
  decodeSchedulersInfo,
  encodePipelineList,
  encodeSchedulersInfo,
} from "./info-lists.js";
import { decodeModuleInstanceProps, encodeModuleInstanceProps } from "./instance-props.js";
import { decodeMixinModes, encodeMixinModes } from "./mixer.js";
import { decodeKpbFastModeModules } from "./module-params.js";
import { decodeModuleNotification, encodeModuleNotification } from "./notification-payloads.js";
import {
  decodeCreatePipelinePayload,
  decodePipelineIds,
  encodeCreatePipelinePayload,
  encodePipelineIds,
} from "./pipeline-payloads.js";
import { decodeSspBlob, encodeSspBlob } from "./ssp-blob.js";
import { decodeTlvs } from "./tlv.js";

type Decode = (payload: Uint8Array) => unknown;

/** What of a payload is left of it when it is read and written again. */
const again =
  <T>(decode: (payload: Uint8Array) => T, encode: (value: T) => Uint8Array) =>
  (payload: Uint8Array): Uint8Array =>
    encode(decode(payload));

/** Structures of variable length, which keep all that they read; what follows they leave alone. */
const rereaders: readonly (readonly [string, (payload: Uint8Array) => Uint8Array])[] = [
  ["ALH blob", again(decodeAlhBlob, encodeAlhBlob)],
  ["SSP blob", again(decodeSspBlob, encodeSspBlob)],
  ["DMIC blob", again(decodeDmicBlob, encodeDmicBlob)],
  ["DMA config", again(decodeDmaConfig, (config) => dmaConfigTlv(config).value)],
  ["copier", again(decodeCopierConfig, encodeCopierConfig)],
  ["gain", again(decodeGainConfig, encodeGainConfig)],
  ["extended init", again(decodeExtendedInit, encodeExtendedInit)],
  ["create pipeline", again(decodeCreatePipelinePayload, encodeCreatePipelinePayload)],
  ["pipeline ids", again(decodePipelineIds, encodePipelineIds)],
  ["pipeline list", again(decodePipelineList, encodePipelineList)],
  ["schedulers", again(decodeSchedulersInfo, encodeSchedulersInfo)],
  ["instance properties", again(decodeModuleInstanceProps, encodeModuleInstanceProps)],
  ["mixin modes", again(decodeMixinModes, encodeMixinModes)],
  ["channel control", again(decodeChannelControl, encodeChannelControl)],
  ["bytes control", again(decodeBytesControl, encodeBytesControl)],
  ["module notification", again(decodeModuleNotification, encodeModuleNotification)],
  ["DMA control", again(decodeDmaControl, encodeDmaControl)],
  ["IPC gateway data", again(decodeIpcGatewayData, encodeIpcGatewayData)],
];

const decoders: readonly (readonly [string, Decode])[] = [
  ...rereaders,
  ["base config with pins", decodeBaseModuleCfgExt],
  ["ABI blob", decodeAbiBlob],
  ["firmware config", decodeFwConfig],
  ["hardware config", decodeHwConfig],
  ["memory state", decodeMemoryState],
  ["power state", decodePowerState],
  ["key phrase modules", decodeKpbFastModeModules],
  ["TLVs", decodeTlvs],
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
  it.each(rereaders)("%s: is written as it was read", (_name, reread) => {
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
