import type { FirmwareRegisters } from "@sof-ts/module-api";

/** Offsets in window 0 (IPC4 `struct ipc4_fw_registers`). */
const FSR = 0x00;
const ABI_VERSION = 0x1c;
const PIPELINE_REGS = 0x40;
const PIPELINE_REG_BYTES = 16;
const PEAK_VOL_REGS = 0x140;
const PEAK_VOL_BYTES = 96;
const SLOTS = 16;

/** FSR of a firmware that runs: module "base firmware" (2) in 30:28, state 5 "entered". */
const FSR_ENTERED = 0x2000_0005;

/** The registers that firmware keeps for the host at the start of window 0. Plain stores; any context. */
export class WindowRegisters implements FirmwareRegisters {
  private readonly view: DataView;

  constructor(view: DataView) {
    this.view = view;
  }

  /** Writes what the host expects to find when FW_READY comes. */
  boot(): void {
    this.view.setUint32(FSR, FSR_ENTERED, true);
    this.view.setUint32(ABI_VERSION, 1, true);
    for (let slot = 0; slot < SLOTS; slot++) {
      this.writePipelineRegisters(slot, 0xffff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn);
    }
  }

  writePeakVolume(slot: number, words: Uint32Array): void {
    const base = PEAK_VOL_REGS + slot * PEAK_VOL_BYTES;
    for (let i = 0; i < words.length; i++)
      this.view.setUint32(base + 4 * i, words[i] as number, true);
  }

  clearPeakVolume(slot: number): void {
    const base = PEAK_VOL_REGS + slot * PEAK_VOL_BYTES;
    for (let i = 0; i < PEAK_VOL_BYTES; i += 4) this.view.setUint32(base + i, 0, true);
  }

  writePipelineRegisters(slot: number, startOffset: bigint, endOffset: bigint): void {
    const base = PIPELINE_REGS + slot * PIPELINE_REG_BYTES;
    this.view.setBigUint64(base, startOffset, true);
    this.view.setBigUint64(base + 8, endOffset, true);
  }
}
