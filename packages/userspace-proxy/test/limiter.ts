import {
  AudioMemory,
  type AudioModule,
  type AudioStream,
  type ModuleDriver,
} from "@sof-ts/module-api";
import { isolatedDriver, IsolatedProgram, type IsolationOptions } from "@sof-ts/wasm-sandbox";
import { wasm } from "./generated/limiter.js";
import { ring } from "./machine.js";

const manifest = {
  name: "LIMITER",
  uuid: "3f1ad0a6-2f0e-4d0e-9a5f-9d8f5a1f7c11",
  initConfig: "base",
  maxInstances: 8,
  domain: "DP",
  configs: [],
} as const;

export const limiterProgram = IsolatedProgram.load(Buffer.from(wasm, "base64"), "limiter.wasm");

/** The isolated limiter, as a kind of module. */
export function limiterDriver(options: Partial<IsolationOptions> = {}): ModuleDriver {
  return isolatedDriver(limiterProgram, manifest, options);
}

/** The limiter in TypeScript, the same to the bit: what a module of the firmware's own would be. */
export class DirectLimiter implements AudioModule {
  private threshold = 0x4000_0000;
  private envelope = 0;
  private gain = 1;
  private gainBits = 1 << 30;

  prepare(): number {
    return this.reset();
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const [source, sink] = [sources[0] as AudioStream, sinks[0] as AudioStream];
    const { channels } = source;
    const { i32 } = source.memory;
    const frames = Math.min(source.availableFrames, sink.freeFrames);
    let from = source.readPtr;
    let to = sink.writePtr;
    for (let frame = 0; frame < frames; frame++) {
      let peak = 0;
      for (let channel = 0, at = from; channel < channels; channel++) {
        const sample = i32[at >> 2] as number;
        const magnitude = sample ^ (sample >> 31);
        if (magnitude > peak) peak = magnitude;
        at = source.wrap(at + 4);
      }
      this.follow(peak);
      for (let channel = 0; channel < channels; channel++) {
        const sample = i32[from >> 2] as number;
        i32[to >> 2] = this.gain === 1 ? sample : this.scale(sample);
        from = source.wrap(from + 4);
        to = sink.wrap(to + 4);
      }
    }
    const bytes = frames * source.frameBytes;
    source.consume(bytes);
    sink.produce(bytes);
    return 0;
  }

  reset(): number {
    this.envelope = 0;
    this.setGain(1 << 30);
    return 0;
  }

  free(): void {}

  setConfigParam(id: number, value: number): number {
    if (id !== 0 || value <= 0) return -22;
    this.threshold = value;
    return 0;
  }

  private follow(peak: number): void {
    const before = this.envelope;
    if (peak > before) this.envelope = before + ((peak - before) >> 2);
    else this.envelope = before - ((before - peak) >> 10);
    if (this.envelope === before) return;
    const over = this.envelope - this.threshold;
    if (over <= 0) this.setGain(1 << 30);
    else {
      const level = this.threshold + (over >> 2);
      this.setGain(Number((BigInt(level) << 30n) / BigInt(this.envelope)));
    }
  }

  private setGain(bits: number): void {
    this.gainBits = bits;
    this.gain = bits / (1 << 30);
  }

  /** `(sample * gain) >> 30`, exactly: the product has up to 62 bits, so in two halves. */
  private scale(sample: number): number {
    const high = (sample >> 16) * this.gainBits;
    const low = (sample & 0xffff) * this.gainBits;
    // high * 2^16 + low, shifted right by 30: keep what the division of the high part leaves.
    const rest = high - Math.floor(high / 0x4000) * 0x4000;
    return Math.floor(high / 0x4000) + Math.floor((rest * 0x1_0000 + low) / 0x4000_0000);
  }
}

/** A stereo source and sink of two periods of 1 ms in one memory. */
export function streams(): { memory: AudioMemory; source: AudioStream; sink: AudioStream } {
  const memory = new AudioMemory(0x30000);
  return { memory, source: ring(memory, 0), sink: ring(memory, 1) };
}
