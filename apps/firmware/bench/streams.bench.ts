import { HostStreams } from "../src/index.js";
import { copier, gain, mixer } from "../test/payloads.js";
import { RawHost } from "../test/raw-host.js";
import { bind, createPipeline, init, modules, setState } from "../test/stream.js";

const { COPIER, GAIN, MIXIN, MIXOUT } = modules;
const HDA_LINK_OUT = 0x0800;
const PERIOD_BYTES = 384;
const RING_BYTES = PERIOD_BYTES * 64;
const UNITY = 0x7fff_ffff;

/** A running host stream that plays its ring round and round, as a host does that never refills it; its channel. */
function hostStream(streams: HostStreams): number {
  const stream = streams.allocate("playback");
  if (stream === null) throw new Error("no host stream is left");
  const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
  stream.configure({ bufferBytes: RING_BYTES, periodBytes: PERIOD_BYTES, format });
  const ring = new Int32Array(RING_BYTES / 4).map((_, i) => Math.imul(i, 0x9e37_79b1) >> 2);
  stream.write(0, new Uint8Array(ring.buffer));
  stream.start();
  return stream.tag - 1;
}

function boot(): { host: RawHost; streams: HostStreams } {
  const host = new RawHost();
  host.boot();
  return { host, streams: new HostStreams(host.firmware.soc) };
}

/** Makes sure that sound arrives before anything is measured. */
function playing(host: RawHost, ...pipelines: number[]): (ms: number) => void {
  setState(host, "paused", ...pipelines);
  setState(host, "running", ...pipelines);
  const link = host.firmware.soc.gateways.get("hda", 0, "playback");
  let heard = 0;
  link.sink = {
    write(bytes, offset, length) {
      for (let i = 0; i < length; i++) heard |= bytes[offset + i] as number;
    },
  };
  host.run(20);
  if (heard === 0) throw new Error("the stream is silent");
  link.sink = null;
  return (ms) => host.run(ms);
}

function passThrough(): (ms: number) => void {
  const { host, streams } = boot();
  createPipeline(host, 0, 0);
  init(host, COPIER, 0, 0, 0, copier(hostStream(streams), 2 * PERIOD_BYTES));
  init(host, COPIER, 1, 0, 0, copier(HDA_LINK_OUT, 2 * PERIOD_BYTES));
  bind(host, [COPIER, 0], [COPIER, 1]);
  return playing(host, 0);
}

function withGain(): (ms: number) => void {
  const { host, streams } = boot();
  createPipeline(host, 0, 0);
  init(host, COPIER, 0, 0, 0, copier(hostStream(streams), 2 * PERIOD_BYTES));
  init(host, GAIN, 0, 0, 0, gain(UNITY >> 1));
  init(host, COPIER, 1, 0, 0, copier(HDA_LINK_OUT, 2 * PERIOD_BYTES));
  bind(host, [COPIER, 0], [GAIN, 0]);
  bind(host, [GAIN, 0], [COPIER, 1]);
  return playing(host, 0);
}

/** What a PC plays: two streams with volumes of their own, mixed, with a master volume. */
function mixed(): (ms: number) => void {
  const { host, streams } = boot();
  for (const id of [0, 1]) {
    createPipeline(host, id, 0);
    init(host, COPIER, id, id, 0, copier(hostStream(streams), 2 * PERIOD_BYTES));
    init(host, GAIN, id, id, 0, gain(UNITY >> 1));
    init(host, MIXIN, id, id, 0, mixer);
    bind(host, [COPIER, id], [GAIN, id]);
    bind(host, [GAIN, id], [MIXIN, id]);
  }
  createPipeline(host, 2, 0);
  init(host, MIXOUT, 0, 2, 0, mixer);
  init(host, GAIN, 2, 2, 0, gain(UNITY >> 1));
  init(host, COPIER, 2, 2, 0, copier(HDA_LINK_OUT, 2 * PERIOD_BYTES));
  bind(host, [MIXOUT, 0], [GAIN, 2]);
  bind(host, [GAIN, 2], [COPIER, 2]);
  for (const id of [0, 1]) bind(host, [MIXIN, id], [MIXOUT, 0, id]);
  return playing(host, 2, 0, 1);
}

/** Milliseconds of audio through the whole firmware: DMA, scheduler, pipelines, modules, 48 kHz stereo in 32 bits. */
export const benches = [
  { name: "stream: copier to copier", run: passThrough(), realTimeMs: 1, unit: "ms" },
  { name: "stream: copier, gain, copier", run: withGain(), realTimeMs: 1, unit: "ms" },
  { name: "streams: two with gains, mixed, gain", run: mixed(), realTimeMs: 1, unit: "ms" },
];
