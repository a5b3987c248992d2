import type { AudioFormat } from "@sof-ts/ipc4";
import {
  concat,
  create,
  drain,
  feed,
  frameBytes,
  ring,
  TestServices,
} from "@sof-ts/module-conformance";
import type { AudioModule, AudioStream, ModuleDriver } from "@sof-ts/module-api";

export {
  baseConfig,
  concat,
  create,
  drain,
  encodeFormat,
  feed,
  format,
  type FormatName,
  formats,
  frameBytes,
  must,
  payload,
  ring,
  TestGateway,
  TestHeap,
  TestServices,
  words,
} from "@sof-ts/module-conformance";

/** One module between a source and a sink ring, run by hand. */
export class Bench {
  readonly services: TestServices;
  readonly module: AudioModule;
  readonly source: AudioStream;
  readonly sink: AudioStream;

  /** @param ringFrames frames that both rings hold */
  constructor(
    driver: ModuleDriver,
    init: Uint8Array,
    input: AudioFormat,
    output: AudioFormat = input,
    ringFrames = 192,
    services = new TestServices(),
  ) {
    this.services = services;
    this.module = create(driver, services, init);
    this.source = ring(services.heap, ringFrames * frameBytes(input));
    this.sink = ring(services.heap, ringFrames * frameBytes(output));
    this.source.producerActive = true;
    this.sink.consumerActive = true;
  }

  prepare(): number {
    return this.module.prepare([this.source], [this.sink]);
  }

  process(): number {
    return this.module.process([this.source], [this.sink]);
  }

  /** Configures with one single fragment. */
  configure(paramId: number, data: Uint8Array): number {
    return this.module.setConfiguration?.(paramId, "single", data.length, data) ?? -22;
  }

  /**
   * Feeds `input` in blocks of `blockFrames` frames and collects what comes out.
   *
   * @param between called before each block with the frames fed so far
   */
  run(input: Uint8Array, blockFrames = 48, between?: (frames: number) => void): Uint8Array {
    const bytesOfFrame = this.source.frameBytes;
    const parts: Uint8Array[] = [];
    for (let at = 0; at < input.length; at += blockFrames * bytesOfFrame) {
      between?.(at / bytesOfFrame);
      feed(this.source, input.subarray(at, at + blockFrames * bytesOfFrame));
      const ret = this.process();
      if (ret < 0) throw new Error(`process: ${ret}`);
      parts.push(drain(this.sink));
    }
    return concat(...parts);
  }
}
