import type { GainKernels } from "@sof-ts/dsp";
import type { AudioStream, ModuleServices } from "@sof-ts/module-api";

const REPORT_MS = 10;
/** Words of one meter: 8 peaks, 8 current and 8 target volumes. */
const WORDS = 24;

/** Shows the host the peaks of a volume module's input, every 10 ms (IPC4 `peak_vol_regs`). */
export class PeakMeter {
  private readonly services: ModuleServices;
  private readonly kernels: GainKernels;
  private readonly peaks: number;
  private readonly words = new Uint32Array(WORDS);
  private readonly reportRuns: number;
  private runs = 0;

  /** @param peaks address of 8 words, zero */
  constructor(services: ModuleServices, kernels: GainKernels, peaks: number) {
    this.services = services;
    this.kernels = kernels;
    this.peaks = peaks;
    this.reportRuns = Math.max(1, Math.floor((REPORT_MS * 1000) / services.periodUs));
  }

  /** Looks at the oldest `frames` frames of `source`, before the volume is applied. */
  measure(source: AudioStream, frames: number, validBits: number, attenuation: number): void {
    const straight = Math.min(
      frames,
      Math.floor((source.end - source.readPtr) / source.frameBytes),
    );
    this.block(source.readPtr, straight, source.channels, validBits, attenuation);
    if (straight < frames && source.size % source.frameBytes === 0) {
      this.block(source.start, frames - straight, source.channels, validBits, attenuation);
    }
  }

  /** Counts one run of `process`; publishes and starts anew when it is time. */
  tick(current: Int32Array, targets: Int32Array): void {
    if (++this.runs < this.reportRuns) return;
    this.runs = 0;
    const { u32 } = this.services.heap.memory;
    const base = this.peaks >> 2;
    for (let i = 0; i < 8; i++) {
      this.words[i] = u32[base + i] as number;
      this.words[8 + i] = i < current.length ? (current[i] as number) : 0;
      this.words[16 + i] = i < targets.length ? (targets[i] as number) : 0;
      u32[base + i] = 0;
    }
    this.services.registers.writePeakVolume(this.services.instanceId, this.words);
  }

  clear(): void {
    this.services.registers.clearPeakVolume(this.services.instanceId);
  }

  private block(
    src: number,
    frames: number,
    channels: number,
    validBits: number,
    attenuation: number,
  ): void {
    if (validBits === 16) this.kernels.peaks16(src, frames, channels, this.peaks, 16);
    else {
      const shift = (validBits === 24 ? 8 : 0) + attenuation;
      this.kernels.peaks32(src, frames, channels, this.peaks, shift);
    }
  }
}
