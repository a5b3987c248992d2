import { frameBytes } from "./formats.js";
import { Rig, SIGNAL_FRAMES } from "./rig.js";
import { encodeSamples, noise, quantize } from "./signals.js";
import type { Subject } from "./subject.js";

/** One thing that a module must do. */
export interface ConformanceCase {
  /** What the module does: "makes sound". */
  readonly name: string;
  /** Runs it. @throws ConformanceFailure, or whatever the module lets through */
  run(): void;
}

/** What the cases of a subject share. */
export class Context {
  readonly subject: Subject;
  /** Frames of one period. */
  readonly block: number;
  /** The test signal: noise at full scale, in the subject's input format. */
  readonly input: Uint8Array;

  constructor(subject: Subject) {
    this.subject = subject;
    this.block = subject.blockFrames ?? 48;
    const { input, signalFrames = SIGNAL_FRAMES } = subject;
    const bits = input.validBitDepth;
    const format = bits === 16 ? "s16" : bits === 24 ? "s24" : "s32";
    this.input = encodeSamples(quantize(noise(signalFrames * input.channelsCount), format), format);
  }

  /** Bytes of one frame of the output. */
  get outputFrameBytes(): number {
    return frameBytes(this.subject.output ?? this.subject.input);
  }

  /** Frame between two blocks, well inside the signal, at which configurations come. */
  get changeAt(): number {
    const frames = this.subject.signalFrames ?? SIGNAL_FRAMES;
    return this.block * Math.min(4, Math.floor(frames / this.block / 2));
  }

  /** A prepared instance. */
  fresh(ringFrames?: number): Rig {
    const rig = new Rig(this.subject, ringFrames);
    rig.prepare();
    return rig;
  }

  /** What the subject makes of the test signal. */
  expected(): Uint8Array {
    return this.fresh().run(this.input, this.block);
  }
}
