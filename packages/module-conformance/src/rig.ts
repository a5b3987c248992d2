import { EINVAL } from "@sof-ts/kit";
import type { AudioFormat } from "@sof-ts/ipc4";
import { type AudioModule, AudioStream, formatsOf, type StreamParams } from "@sof-ts/module-api";
import { concat } from "./bytes.js";
import { frameBytes } from "./formats.js";
import { create, drain, feed, must, ring } from "./streams.js";
import type { Setting, Subject } from "./subject.js";
import { TestServices } from "./test-services.js";

/** Frames of the signal that subjects process. */
export const SIGNAL_FRAMES = 480;

/** One instance between two rings. */
export class Rig {
  readonly services: TestServices;
  readonly module: AudioModule;
  readonly source: AudioStream;
  sink: AudioStream;
  private readonly subject: Subject;

  constructor(subject: Subject, ringFrames = 2 * SIGNAL_FRAMES, services = new TestServices()) {
    const { input, output = input } = subject;
    this.subject = subject;
    this.services = services;
    this.module = create(subject.driver, services, subject.payload);
    this.source = ring(services.heap, Math.ceil(ringFrames * frameBytes(input)));
    this.sink = ring(services.heap, Math.ceil(ringFrames * frameBytes(output)));
    this.source.producerActive = true;
    this.sink.consumerActive = true;
    for (const setting of subject.setup ?? []) must(this.set(setting), "setup");
  }

  /** Puts the sink where the source is. */
  overlay(): void {
    const { start, size } = this.source;
    this.sink = new AudioStream(this.services.heap.memory, start, size);
    this.sink.consumerActive = true;
  }

  /** Sets the streams' formats, as the pipeline does from the base configuration, and prepares. */
  prepare(): void {
    const { input, output = input } = this.subject;
    this.source.setParams(paramsOf(input));
    this.sink.setParams(paramsOf(output));
    must(this.module.prepare([this.source], [this.sink]), "prepare");
  }

  process(): number {
    return this.module.process([this.source], [this.sink]);
  }

  set([paramId, data]: Setting): number {
    return this.module.setConfiguration?.(paramId, "single", data.length, data) ?? -EINVAL;
  }

  /** Resets the instance and empties its rings, as the end of a stream does. */
  restart(): void {
    must(this.module.reset(), "reset");
    this.source.reset();
    this.sink.reset();
  }

  /** Feeds blocks and takes what comes, then goes on until nothing moves. */
  run(input: Uint8Array, blockFrames: number, between?: (frame: number) => void): Uint8Array {
    const step = blockFrames * this.source.frameBytes;
    const parts: Uint8Array[] = [];
    for (let at = 0; at < input.length; at += step) {
      between?.(at / this.source.frameBytes);
      feed(this.source, input.subarray(at, at + step));
      must(this.process(), "process");
      parts.push(drain(this.sink));
    }
    for (let before = -1; this.source.available > 0 && before !== this.source.available;) {
      before = this.source.available;
      this.process();
      parts.push(drain(this.sink));
    }
    return concat(...parts);
  }
}

function paramsOf(format: AudioFormat): StreamParams {
  return {
    rate: format.samplingFrequency,
    channels: format.channelsCount,
    ...formatsOf(format.depth, format.validBitDepth, format.sampleType),
    channelMap: format.chMap,
  };
}
