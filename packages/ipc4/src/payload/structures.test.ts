import { InputError } from "@sof-ts/kit";
import { describe, expect, it } from "vitest";
import { lostBits, thrown } from "../../test/support.js";
import { audioFormat } from "../audio-format.js";
import { baseModuleCfg, inputPinFormat, outputPinFormat } from "../base-module-cfg.js";
import * as ipc4 from "../index.js";
import type { Codec } from "../struct.js";
import { abiHeader } from "./abi-header.js";
import {
  dxState,
  extendedSystemTime,
  logState,
  notificationMaskInfo,
  registerKcps,
  resourceAllocation,
  systemTime,
} from "./base-fw-params.js";
import { controlHeader } from "./control.js";
import { dataSegment, llpReading, llpReadingExtended, sinkFormat } from "./copier.js";
import { memoryRequest } from "./data-objects.js";
import { debugSlot, debugSlotTable } from "./debug-slots.js";
import { dmicPdm } from "./dmic-blob.js";
import { gnaConfig } from "./extended-init.js";
import { codecInfo, fwVersion, schedulerConfig } from "./fw-config.js";
import {
  fwRegisters,
  fwStatus,
  llpReadingSlot,
  peakVolumeRegisters,
  pipelineRegisters,
} from "./fw-registers.js";
import { channelVolume, gainEntry } from "./gain.js";
import { gatewayAttributes, hostCopierGroup, ipcGatewayBlob } from "./gateway-blob.js";
import { extendedPerfItem, libraryInfo, perfItem } from "./info-lists.js";
import { pinProps } from "./instance-props.js";
import { fwHeader, moduleConfig, moduleEntry, moduleInfo, moduleType } from "./manifest.js";
import { mixinOutput } from "./mixer.js";
import {
  aecConfig,
  asrcConfig,
  muxConfig,
  probeConfig,
  selectorConfig,
  srcConfig,
} from "./module-init.js";
import { probeDma, probePoint, selectorCoefs } from "./module-params.js";
import {
  mixerUnderrun,
  moduleNotificationHeader,
  processDataError,
  resourceEvent,
  streamPosition,
} from "./notification-payloads.js";
import { sspClockControl } from "./ssp-blob.js";
import { vendorParamError, vendorParamHeader } from "./vendor-param.js";

const sizes: [Codec<unknown>, number][] = [
  [abiHeader, 32],
  [aecConfig, 92],
  [asrcConfig, 48],
  [audioFormat, 24],
  [baseModuleCfg, 40],
  [channelVolume, 8],
  [codecInfo, 4],
  [controlHeader, 20],
  [dataSegment, 12],
  [debugSlot, 12],
  [debugSlotTable, 180],
  [dmicPdm, 96],
  [dxState, 8],
  [extendedPerfItem, 48],
  [extendedSystemTime, 24],
  [fwHeader, 52],
  [fwRegisters, 0xa60],
  [fwStatus, 4],
  [fwVersion, 8],
  [gainEntry, 24],
  [gatewayAttributes, 4],
  [gnaConfig, 8],
  [hostCopierGroup, 8],
  [inputPinFormat, 32],
  [ipcGatewayBlob, 20],
  [libraryInfo, 24],
  [llpReading, 16],
  [llpReadingExtended, 24],
  [llpReadingSlot, 20],
  [logState, 76],
  [memoryRequest, 12],
  [mixerUnderrun, 24],
  [mixinOutput, 20],
  [moduleConfig, 44],
  [moduleEntry, 116],
  [moduleInfo, 116],
  [moduleNotificationHeader, 12],
  [moduleType, 4],
  [muxConfig, 88],
  [notificationMaskInfo, 8],
  [outputPinFormat, 32],
  [peakVolumeRegisters, 96],
  [perfItem, 16],
  [pinProps, 32],
  [pipelineRegisters, 16],
  [probeConfig, 48],
  [probeDma, 8],
  [probePoint, 12],
  [processDataError, 24],
  [registerKcps, 4],
  [resourceAllocation, 12],
  [resourceEvent, 40],
  [schedulerConfig, 20],
  [selectorCoefs, 132],
  [selectorConfig, 64],
  [sinkFormat, 52],
  [srcConfig, 44],
  [sspClockControl, 8],
  [streamPosition, 24],
  [systemTime, 8],
  [vendorParamError, 8],
  [vendorParamHeader, 8],
];

describe.each(sizes.map(([codec, size]) => [codec.name, codec, size] as const))(
  "%s",
  (name, codec, size) => {
    it("has the size of the protocol", () => {
      expect(codec.size).toBe(size);
    });

    it("keeps every bit", () => {
      expect(lostBits(codec, size > 1000 ? 10 : 50)).toBeUndefined();
    });

    it("refuses input that is a byte short", () => {
      const error = thrown(() => codec.decode(new Uint8Array(size + 2), 3));
      expect(error).toBeInstanceOf(InputError);
      expect(error).toMatchObject({ source: name, offset: 3 });
    });
  },
);

it("every structure that the package exports is here", () => {
  const isStructure = (value: unknown): boolean =>
    typeof value === "object" && value !== null && "encodeInto" in value;
  const exported = Object.entries(ipc4).filter(([, value]) => isStructure(value));
  const tested = new Set<unknown>(sizes.map(([codec]) => codec));
  expect(exported.filter(([, codec]) => !tested.has(codec)).map(([name]) => name)).toEqual([]);
  expect(tested.size).toBe(sizes.length);
});

describe("fields are where the protocol has them", () => {
  it("in fw_registers", () => {
    expect(fwRegisters.offsets).toMatchObject({
      fsr: 0,
      lastErrorCode: 4,
      powerStatus: 8,
      romInfo: 0x18,
      abiVersion: 0x1c,
      slaveCoreStatus: 0x20,
      pipelines: 0x40,
      peakVolumes: 0x140,
      llpGpdma: 0x740,
      llpSndw: 0x920,
      llpEvad: 0xa4c,
    });
  });

  it("in a manifest's module entry", () => {
    expect(moduleEntry.offsets).toMatchObject({
      name: 4,
      uuid: 12,
      type: 28,
      hash: 32,
      entryPoint: 64,
      cfgOffset: 68,
      affinityMask: 72,
      instanceMaxCount: 76,
      segments: 80,
    });
  });

  it("in the firmware header", () => {
    expect(fwHeader.offsets).toMatchObject({
      preloadPageCount: 16,
      version: 28,
      moduleCount: 36,
      loadOffset: 48,
    });
  });

  it("in a module's type word", () => {
    expect(moduleType.decode(Uint8Array.of(0x71, 0x21, 0x0a, 0))).toEqual({
      loadType: 1,
      autoStart: true,
      domainLl: true,
      domainDp: true,
      libCode: false,
      initConfig: 1,
      coreType: 2,
      userMode: true,
      largeParam: false,
      stackOnBss: true,
    });
  });
});
