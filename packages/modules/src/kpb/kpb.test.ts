import type { AudioModule, AudioStream } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import {
  create,
  drain,
  feed,
  format,
  frameBytes,
  payload,
  ring,
  TestHeap,
  TestServices,
  words,
} from "../../test/kit.js";
import { AudioMemory } from "@sof-ts/module-api";
import { detectTestDriver } from "../detect-test/driver.js";
import { kpbDriver } from "./driver.js";
import type { Kpb } from "./kpb.js";

const EINVAL = -22;
const ENODATA = -61;
const EBUSY = -16;
const ENOTCONN = -107;
const PERIOD = 16;

/** A key phrase buffer between a microphone, a detector and a host. */
class Rig {
  readonly services = new TestServices(new TestHeap(new AudioMemory(0x100000)));
  readonly kpb: Kpb;
  readonly detector: AudioModule;
  readonly microphone: AudioStream;
  readonly toDetector: AudioStream;
  readonly toHost: AudioStream;
  readonly heard: number[] = [];
  private frame = 0;

  constructor(channels = 2, hostFrames = 64, mask = 0) {
    const audioFmt = format("s16", channels, 16000);
    const { heap } = this.services;
    this.kpb = create(kpbDriver, this.services, payload(audioFmt)) as Kpb;
    const selected =
      mask === 0 ? channels : [...mask.toString(2)].filter((bit) => bit === "1").length;
    const detectorFmt = format("s16", selected, 16000);
    this.detector = create(detectTestDriver, this.services, payload(detectorFmt));
    this.microphone = ring(heap, 4 * PERIOD * frameBytes(audioFmt));
    this.toDetector = ring(heap, 4 * PERIOD * frameBytes(detectorFmt));
    this.toHost = ring(heap, hostFrames * frameBytes(audioFmt));
    this.toDetector.consumerActive = true;
    this.toHost.consumerActive = true;
    this.kpb.bind({ side: "source", queueId: 1, stream: this.toHost, peer: null });
    this.kpb.bind({ side: "source", queueId: 0, stream: this.toDetector, peer: this.detector });
    this.detector.bind?.({ side: "sink", queueId: 0, stream: this.toDetector, peer: this.kpb });
    if (mask !== 0) this.must(this.kpb.setConfiguration(11, "single", 4, words(mask)));
    // Sinks come in any order: queue ids tell them apart.
    this.must(this.kpb.prepare([this.microphone], [this.toHost, this.toDetector]));
    this.must(this.detector.prepare([this.toDetector], []));
  }

  must(ret: number): void {
    if (ret !== 0) throw new Error(`refused: ${ret}`);
  }

  configure(preambleMs: number, threshold: number, drainMs: number): void {
    const config = words(20, preambleMs, 0, threshold, drainMs);
    this.must(this.detector.setConfiguration?.(2, "single", 20, config) ?? EINVAL);
  }

  /** One millisecond: frame n carries n in channel 0, or `level`, and channel number c in the others. */
  tick(level?: number): void {
    const { channels } = this.microphone;
    const samples = new Int16Array(PERIOD * channels);
    for (let i = 0; i < PERIOD; i++, this.frame++) {
      samples[i * channels] = level ?? this.frame % 0x2000;
      for (let ch = 1; ch < channels; ch++) samples[i * channels + ch] = ch;
    }
    feed(this.microphone, new Uint8Array(samples.buffer));
    this.must(this.kpb.process([this.microphone], [this.toHost, this.toDetector]));
    this.must(this.detector.process([this.toDetector], []));
  }

  /** What the host finds in channel 0. */
  host(): number[] {
    const { channels } = this.toHost;
    const samples = new Int16Array(drain(this.toHost).slice().buffer);
    return Array.from(samples.filter((_, i) => i % channels === 0));
  }
}

describe("kpb with a detector", () => {
  it("gives the host what was said before the phrase, and everything after it, without a gap", () => {
    const rig = new Rig();
    rig.configure(0, 0x6000, 100);
    for (let ms = 0; ms < 300; ms++) rig.tick();
    expect(rig.host()).toEqual([]);
    rig.tick(0x7000);
    const { phrases } = rig.services;
    expect(phrases.map(({ wordId }) => wordId)).toEqual([1]);
    const host: number[] = [];
    for (let ms = 0; ms < 200; ms++) {
      rig.tick();
      host.push(...rig.host());
    }
    // 99 ms of the count, 1 ms of the phrase, then the count as it goes on.
    const start = (301 - 100) * PERIOD;
    const expected = Array.from({ length: host.length }, (_, i) => {
      const frame = start + i;
      return frame >= 300 * PERIOD && frame < 301 * PERIOD ? 0x7000 : frame % 0x2000;
    });
    expect(host).toEqual(expected);
    // It caught up: the host has all there is.
    expect(host.length).toBe((100 + 200) * PERIOD);
    expect(phrases.length).toBe(1);
  });

  it("waits for the preamble, and listens again after reset", () => {
    const rig = new Rig();
    rig.configure(50, 0x6000, 10);
    for (let ms = 0; ms < 50; ms++) rig.tick(0x7000);
    expect(rig.services.phrases.length).toBe(0);
    rig.tick(0x7000);
    expect(rig.services.phrases.length).toBe(1);
    // The history of the phrase is still on its way to the host.
    expect([rig.kpb.reset(), rig.kpb.reset(), rig.detector.reset()]).toEqual([EBUSY, 0, 0]);
    rig.must(rig.kpb.prepare([rig.microphone], [rig.toHost, rig.toDetector]));
    rig.must(rig.detector.prepare([rig.toDetector], []));
    for (let ms = 0; ms < 51; ms++) rig.tick(0x7000);
    expect(rig.services.phrases.length).toBe(2);
  });

  it("keeps what comes in while the host is slow", () => {
    const rig = new Rig(2, 16);
    rig.configure(0, 0x6000, 2000);
    for (let ms = 0; ms < 2050; ms++) rig.tick();
    rig.tick(0x7000);
    const host: number[] = [];
    for (let ms = 0; ms < 300; ms++) {
      rig.tick();
      host.push(...rig.host());
    }
    const start = 51 * PERIOD;
    const odd = host.findIndex((value, i) => {
      const frame = start + i;
      return value !== (frame >= 2050 * PERIOD && frame < 2051 * PERIOD ? 0x7000 : frame % 0x2000);
    });
    expect([odd, host.length]).toEqual([-1, 300 * 16]);
  });

  it("refuses to drain more than there is, without a host, and twice", () => {
    const rig = new Rig();
    for (let ms = 0; ms < 20; ms++) rig.tick();
    expect(rig.kpb.drainHistory(21)).toBe(ENODATA);
    expect(rig.kpb.drainHistory(2101)).toBe(EINVAL);
    rig.toHost.consumerActive = false;
    expect(rig.kpb.drainHistory(20)).toBe(ENOTCONN);
    rig.toHost.consumerActive = true;
    expect(rig.kpb.drainHistory(20)).toBe(0);
    expect(rig.kpb.drainHistory(1)).toBe(EBUSY);
  });

  it("refuses the first reset while it drains, and gives the host nothing after it", () => {
    const rig = new Rig();
    for (let ms = 0; ms < 20; ms++) rig.tick();
    expect(rig.kpb.drainHistory(20)).toBe(0);
    rig.tick();
    expect(rig.host().length).toBe(64);
    expect(rig.kpb.reset()).toBe(EBUSY);
    rig.must(rig.kpb.process([rig.microphone], [rig.toHost, rig.toDetector]));
    expect(rig.host()).toEqual([]);
    rig.must(rig.kpb.prepare([rig.microphone], [rig.toHost, rig.toDetector]));
    rig.tick();
    expect([rig.kpb.drainHistory(2), rig.kpb.drainHistory(1)]).toEqual([ENODATA, 0]);
  });

  it("loses what comes in while the detector does not run", () => {
    const rig = new Rig();
    rig.toDetector.consumerActive = false;
    rig.tick();
    expect([rig.microphone.available, rig.toDetector.available]).toEqual([0, 0]);
    expect(rig.kpb.drainHistory(1)).toBe(ENODATA);
  });

  it("gives the detector the microphones that were selected, and the host all channels", () => {
    const rig = new Rig(5, 64, 0b110);
    rig.configure(0, 0x6000, 5);
    expect(rig.toDetector.channels).toBe(2);
    feed(rig.microphone, new Uint8Array(Int16Array.of(10, 11, 12, 13, 14).buffer));
    rig.must(rig.kpb.process([rig.microphone], [rig.toHost, rig.toDetector]));
    expect([...new Int16Array(drain(rig.toDetector).slice().buffer)]).toEqual([11, 12]);
    expect(rig.kpb.drainHistory(0)).toBe(0);
    feed(rig.microphone, new Uint8Array(Int16Array.of(20, 21, 22, 23, 24).buffer));
    rig.must(rig.kpb.process([rig.microphone], [rig.toHost, rig.toDetector]));
    expect([...new Int16Array(drain(rig.toHost).slice().buffer)]).toEqual([20, 21, 22, 23, 24]);
  });

  it("stops draining when the host is unbound", () => {
    const rig = new Rig();
    for (let ms = 0; ms < 20; ms++) rig.tick();
    expect(rig.kpb.drainHistory(20)).toBe(0);
    rig.kpb.unbind({ side: "source", queueId: 1, stream: rig.toHost, peer: null });
    rig.tick();
    expect(rig.toHost.available).toBe(0);
    expect(rig.kpb.drainHistory(1)).toBe(ENOTCONN);
  });
});

describe("kpb", () => {
  it("takes 16 kHz and up to 6 channels only", () => {
    const services = new TestServices();
    const make = (channels: number, rate: number) =>
      kpbDriver.create(services, payload(format("s16", channels, rate)));
    expect([make(2, 48000), make(7, 16000)]).toEqual([EINVAL, EINVAL]);
    expect(kpbDriver.create(services, payload(format("s32", 2, 16000, { depth: 24 })))).toBe(
      EINVAL,
    );
  });

  it("checks module lists and microphone masks", () => {
    const { kpb } = new Rig();
    kpb.reset();
    const set = (paramId: number, data: Uint8Array) =>
      kpb.setConfiguration(paramId, "single", data.length, data);
    expect(set(1 | (2 << 8), words(2, 0x10001, 0x20001))).toBe(0);
    expect(set(1, words(0))).toBe(EINVAL);
    expect(set(1 | (5 << 8), words(0))).toBe(EINVAL);
    expect(set(1 | (1 << 8), words(2, 1))).toBe(EINVAL);
    expect(set(1 | (1 << 8), words(17, ...Array.from({ length: 17 }, () => 1)))).toBe(EINVAL);
    // Two channels are all echo reference.
    expect(set(11, words(1))).toBe(EINVAL);
    expect(set(2, words(1))).toBe(EINVAL);
  });

  it("needs room for 2.1 s", () => {
    const services = new TestServices(new TestHeap(new AudioMemory(0x30000)));
    const stream = format("s16", 2, 16000);
    const kpb = create(kpbDriver, services, payload(stream));
    const rings = [0, 1].map(() => ring(services.heap, 256));
    expect(kpb.prepare(rings.slice(0, 1), rings.slice(1))).toBe(-12);
  });
});
