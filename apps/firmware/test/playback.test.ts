import { describe, expect, it } from "vitest";
import { HostStreams, type LockingName } from "../src/index.js";
import { copier, gain, mixer, words } from "./payloads.js";
import { RawHost } from "./raw-host.js";
import { strategies } from "./strategies.js";

const FRAMES = 4800;
const FRAME_BYTES = 8;
const HDA_LINK_OUT = 0x0800;
const COPIER = 4;
const GAIN = 6;
const MIXIN = 2;
const MIXOUT = 3;

const create = (id: number): [number, number] => [0x1100_0001 | (id << 16), 0];
const init = (
  module: number,
  instance: number,
  pipeline: number,
  payload: Uint8Array,
): [number, number, Uint8Array] => [
  0x4000_0000 | (instance << 16) | module,
  (pipeline << 16) | (payload.length / 4),
  payload,
];
const bind = (source: [number, number], sink: [number, number]): [number, number] => [
  0x4500_0000 | (source[1] << 16) | source[0],
  (sink[1] << 16) | sink[0],
];
const unbind = (source: [number, number], sink: [number, number]): [number, number] => [
  0x4600_0000 | (source[1] << 16) | source[0],
  (sink[1] << 16) | sink[0],
];
const state = (value: number, ...ids: number[]): [number, number, Uint8Array] => [
  0x1300_0000 | value,
  1,
  words([ids.length, ...ids]),
];
const [RESET, PAUSED, RUNNING] = [2, 3, 4];

function noise(frames: number): Int32Array {
  let value = 12_345;
  return Int32Array.from({ length: 2 * frames }, () => {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
    return value >> 3;
  });
}

/** Host copier, gain and mixin in pipeline 0; mixout, gain and DAI copier in pipeline 1. */
function setUp(host: RawHost): void {
  const expectOk = (...message: [number, number, Uint8Array?]) =>
    expect(host.status(...message)).toBe(0);
  expectOk(...create(0));
  expectOk(...init(COPIER, 0, 0, copier(0, 768)));
  expectOk(...init(GAIN, 0, 0, gain(0x7fff_ffff)));
  expectOk(...init(MIXIN, 0, 0, mixer));
  expectOk(...create(1));
  expectOk(...init(MIXOUT, 0, 1, mixer));
  expectOk(...init(GAIN, 1, 1, gain(0x7fff_ffff)));
  expectOk(...init(COPIER, 1, 1, copier(HDA_LINK_OUT, 768)));
  expectOk(...bind([COPIER, 0], [GAIN, 0]));
  expectOk(...bind([GAIN, 0], [MIXIN, 0]));
  expectOk(...bind([MIXIN, 0], [MIXOUT, 0]));
  expectOk(...bind([MIXOUT, 0], [GAIN, 1]));
  expectOk(...bind([GAIN, 1], [COPIER, 1]));
}

function tearDown(host: RawHost): void {
  const expectOk = (...message: [number, number, Uint8Array?]) =>
    expect(host.status(...message)).toBe(0);
  expectOk(...state(PAUSED, 0, 1));
  expectOk(...state(RESET, 1, 0));
  expectOk(...unbind([MIXIN, 0], [MIXOUT, 0]));
  expectOk(0x1200_0000, 0);
  expectOk(0x1201_0000, 0);
}

function play(input: Int32Array, locking: LockingName): { output: Int32Array; host: RawHost } {
  const host = new RawHost({ config: { locking } });
  host.boot();
  const streams = new HostStreams(host.firmware.soc);
  const stream = streams.allocate("playback");
  if (stream === null) throw new Error("no host stream");
  stream.configure({
    bufferBytes: input.byteLength,
    periodBytes: 384,
    format: { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 },
  });
  stream.write(0, new Uint8Array(input.buffer));
  stream.setApplicationPosition(input.byteLength);
  const link = host.firmware.soc.gateways.get("hda", 0, "playback");
  const heard: Uint8Array[] = [];
  link.sink = {
    write: (bytes, offset, length) => heard.push(bytes.slice(offset, offset + length)),
  };
  const before = host.firmware.resources;
  setUp(host);
  expect(host.status(...state(PAUSED, 1, 0))).toBe(0);
  expect(host.status(...state(RUNNING, 1, 0))).toBe(0);
  stream.start();
  host.run(FRAMES / 48 + 5);
  tearDown(host);
  stream.stop();
  stream.release();
  expect(host.firmware.resources).toEqual(before);
  const bytes = new Uint8Array(heard.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of heard) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return { output: new Int32Array(bytes.buffer), host };
}

describe.each(strategies)("playback with %s", (locking) => {
  it("boots, tells the host, and knows its modules", () => {
    const host = new RawHost({ config: { locking } });
    const ready = host.boot();
    expect(ready.primary).toBe(0x1b08_0000);
    const info = host.send(0x4300_0000, 0x2090_1000);
    expect(info.primary & 0xff_ffff).toBe(0);
    const view = new DataView(info.payload.buffer, info.payload.byteOffset);
    expect(view.getUint32(0, true)).toBeGreaterThanOrEqual(5);
  });

  it("carries audio bit for bit from the host's ring through gains and mixers to the link", () => {
    const input = noise(FRAMES);
    const { output, host } = play(input, locking);
    const first = output.findIndex((sample) => sample !== 0);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(first % 2).toBe(0);
    expect([...output.subarray(first, first + input.length)]).toEqual([...input]);
    // The stream ends before its pipelines do: one mixer underrun (event 1) of pipeline 0 (resource type 1).
    expect(
      host.notifications.map(({ payload }) => [...new Int32Array(payload.slice(0, 12).buffer)]),
    ).toEqual([[1, 0, 1]]);
    expect(input.byteLength).toBe(FRAMES * FRAME_BYTES);
  });

  it("does the same twice", () => {
    const input = noise(960);
    expect([...play(input, locking).output]).toEqual([...play(input, locking).output]);
  });
});
