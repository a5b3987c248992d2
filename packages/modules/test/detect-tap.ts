import {
  type AudioModule,
  AudioStream,
  type FragmentPosition,
  type ModuleDriver,
  type ModuleServices,
} from "@sof-ts/module-api";
import { detectTestDriver } from "../src/detect-test/driver.js";
import { create, drain, feed } from "./kit.js";

const LINK_BYTES = 20;
/** Size of the format's container in the tap's payloads: 16 bits, two channels. */
const FRAME_BYTES = 4;

/**
 * The test detector with a tap, so that suites for one source and one sink can hear it: the detector takes a
 * frame at a time, and the frame comes out, inverted from the phrase on.
 */
class DetectTap implements AudioModule {
  private readonly services: ModuleServices;
  private readonly detector: AudioModule;
  private readonly link: AudioStream;
  private heard = false;
  private ready = false;

  constructor(services: ModuleServices, payload: Uint8Array, link: AudioStream) {
    this.services = services;
    this.link = link;
    const reportPhrase = () => {
      this.heard = true;
    };
    const tapped: ModuleServices = Object.create(services, {
      reportPhrase: { value: reportPhrase },
    });
    this.detector = create(detectTestDriver, tapped, payload);
  }

  prepare(sources: readonly AudioStream[]): number {
    this.heard = false;
    this.link.reset();
    const ret = this.detector.prepare(sources, []) || this.detector.prepare([this.link], []);
    this.ready = ret === 0;
    return ret;
  }

  process(sources: readonly AudioStream[], sinks: readonly AudioStream[]): number {
    const [source] = sources;
    const [sink] = sinks;
    if (source === undefined || sink === undefined || !this.ready) return 0;
    while (source.available >= FRAME_BYTES && sink.free >= FRAME_BYTES) {
      const frame = drain(source, FRAME_BYTES);
      feed(this.link, frame);
      const ret = this.detector.process([this.link], []);
      if (ret < 0 || this.link.available > 0) return ret;
      feed(sink, this.heard ? frame.map((byte) => ~byte) : frame);
    }
    return 0;
  }

  reset(): number {
    this.ready = false;
    return this.detector.reset();
  }

  free(): void {
    this.detector.free();
    this.services.heap.free(this.link.start);
  }

  setConfiguration(
    paramId: number,
    position: FragmentPosition,
    sizeOrOffset: number,
    fragment: Uint8Array,
  ): number {
    return this.detector.setConfiguration?.(paramId, position, sizeOrOffset, fragment) ?? -22;
  }
}

/** {@link DetectTap} behind the detector's manifest. */
export const detectTapDriver: ModuleDriver = {
  ...detectTestDriver,
  create(services, payload) {
    const refusal = detectTestDriver.create(services, payload);
    if (typeof refusal === "number") return refusal;
    const address = services.heap.alloc(LINK_BYTES);
    if (address === 0) return -12;
    return new DetectTap(
      services,
      payload,
      new AudioStream(services.heap.memory, address, LINK_BYTES),
    );
  },
};
