import { type AudioModule, AudioStream } from "@sof-ts/module-api";
import { mixinDriver } from "../src/mixin/driver.js";
import { mixoutDriver } from "../src/mixout/driver.js";
import {
  create,
  drain,
  feed,
  format,
  frameBytes,
  must,
  payload,
  ring,
  TestServices,
} from "./kit.js";
import { decodeSamples, encodeSamples, type IntegerFormat } from "./signals.js";

/** One mixin with its source. */
export interface MixerInput {
  readonly module: AudioModule;
  readonly services: TestServices;
  readonly source: AudioStream;
  readonly link: AudioStream;
}

/** Mixins into one mixout, driven by hand. */
export class Mixer {
  readonly services = new TestServices();
  readonly mixout: AudioModule;
  readonly sink: AudioStream;
  readonly inputs: MixerInput[] = [];
  readonly name: IntegerFormat;

  constructor(name: IntegerFormat, inputs: number, sinkFrames = 96) {
    const stream = format(name);
    this.name = name;
    this.mixout = create(mixoutDriver, this.services, payload(stream));
    this.sink = ring(this.services.heap, sinkFrames * frameBytes(stream));
    this.sink.consumerActive = true;
    for (let i = 0; i < inputs; i++) this.add();
    const links = this.inputs.map(({ link }) => link);
    must(this.mixout.prepare(links, [this.sink]), "prepare");
  }

  /** @param shared as if the mixin were on another core than the mixout */
  add(shared = false): MixerInput {
    const services = new TestServices(this.services.heap);
    const stream = format(this.name);
    const module = create(mixinDriver, services, payload(stream));
    const source = ring(services.heap, 192 * frameBytes(stream));
    const bytes = shared ? 4 * 48 * frameBytes(stream) : 64;
    const start = services.heap.alloc(bytes);
    const link = new AudioStream(services.heap.memory, start, bytes, shared);
    const queueId = this.inputs.length;
    must(module.bind?.({ side: "source", queueId: 0, stream: link, peer: this.mixout }), "bind");
    must(this.mixout.bind?.({ side: "sink", queueId, stream: link, peer: module }), "bind");
    must(module.prepare([source], [link]), "prepare");
    link.producerActive = true;
    link.consumerActive = true;
    const input = { module, services, source, link };
    this.inputs.push(input);
    return input;
  }

  mix(...which: number[]): number[] {
    return which.map((index) => {
      const { module, source, link } = this.inputs[index] as MixerInput;
      return module.process([source], [link]);
    });
  }

  out(): number[] {
    const links = this.inputs.map(({ link }) => link);
    must(this.mixout.process(links, [this.sink]), "process");
    return [...decodeSamples(drain(this.sink), this.name)];
  }

  feed(index: number, samples: ArrayLike<number>): void {
    feed((this.inputs[index] as MixerInput).source, encodeSamples(samples, this.name));
  }
}
