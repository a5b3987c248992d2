import {
  FW_REGISTERS_ABI,
  FwModule,
  FwRegisterCount,
  fwRegisters,
  FwState,
  fwStatus,
  peakVolumeRegisters,
  peakVolumeRegistersOffset,
  pipelineRegistersOffset,
} from "@sof-ts/ipc4";
import type { FirmwareRegisters } from "@sof-ts/module-api";

const { offsets } = fwRegisters;
const ALL_ONES = 0xffff_ffff_ffff_ffffn;
/** Bits 18:13 of the power status. */
const ACTIVE_PIPELINES_SHIFT = 13;
const ACTIVE_PIPELINES_MAX = 0x3f;

/** The registers that firmware keeps for the host at the start of window 0. Plain stores; any context. */
export class WindowRegisters implements FirmwareRegisters {
  private readonly view: DataView;
  private readonly bytes: Uint8Array;

  constructor(view: DataView) {
    this.view = view;
    this.bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  }

  /** Writes what the host expects to find when FW_READY comes. */
  boot(): void {
    this.bytes.fill(0, 0, fwRegisters.size);
    this.setStatus(FwState.FW_ENTERED);
    this.view.setUint32(offsets.abiVersion, FW_REGISTERS_ABI, true);
    for (let slot = 0; slot < FwRegisterCount.PIPELINES; slot++) {
      this.writePipelineRegisters(slot, ALL_ONES, ALL_ONES);
    }
  }

  /** The firmware has left: the host finds the state that it has before a boot. */
  powerDown(): void {
    this.setStatus(FwState.INIT);
    this.setActivePipelines(0);
  }

  /** Why the firmware stopped. */
  setLastError(code: number, nativeCode: number): void {
    this.view.setUint32(offsets.lastErrorCode, code, true);
    this.view.setUint32(offsets.lastNativeErrorCode, nativeCode >>> 0, true);
  }

  /** Whether a secondary core is on. */
  setCoreStatus(core: number, on: boolean): void {
    this.view.setUint8(offsets.slaveCoreStatus + core, on ? 1 : 0);
  }

  /** How many pipelines run. */
  setActivePipelines(count: number): void {
    const running = Math.min(count, ACTIVE_PIPELINES_MAX) << ACTIVE_PIPELINES_SHIFT;
    const rest = this.view.getUint32(offsets.powerStatus, true);
    const mask = ACTIVE_PIPELINES_MAX << ACTIVE_PIPELINES_SHIFT;
    this.view.setUint32(offsets.powerStatus, ((rest & ~mask) | running) >>> 0, true);
  }

  writePeakVolume(slot: number, words: Uint32Array): void {
    const base = peakVolumeRegistersOffset(slot);
    for (let i = 0; i < words.length; i++)
      this.view.setUint32(base + 4 * i, words[i] as number, true);
  }

  clearPeakVolume(slot: number): void {
    const base = peakVolumeRegistersOffset(slot);
    this.bytes.fill(0, base, base + peakVolumeRegisters.size);
  }

  writePipelineRegisters(slot: number, startOffset: bigint, endOffset: bigint): void {
    const base = pipelineRegistersOffset(slot);
    this.view.setBigUint64(base, startOffset, true);
    this.view.setBigUint64(base + 8, endOffset, true);
  }

  private setStatus(state: FwState): void {
    const status = { state, waitState: 0, module: FwModule.BASE_FW, running: false };
    fwStatus.encodeInto(status, this.bytes, offsets.fsr);
  }
}
