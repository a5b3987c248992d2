import { expect, it } from "vitest";
import { audioFormat, copier, words } from "./payloads.js";
import { Id, Lab } from "./protocol/lab.js";
import {
  bind,
  createPipeline,
  type End,
  initInstance,
  setState,
  State,
} from "./protocol/messages.js";

const HDA_HOST_IN = 0x0100;
const HDA_LINK_IN = 0x0900;
const FRAMES_PER_MS = 48;
const RATE = 48_000;

/** 24 bits in 32, or the container's own width. */
const formatOf = (bits: number, channels: number) =>
  audioFormat(RATE, channels, bits === 16 ? 16 : 32, bits);

it.each([16, 24, 32])(
  "joins the channels of two links of %i bits for a host that records",
  (bits) => {
    const lab = new Lab();
    const bytes = bits === 16 ? 2 : 4;
    const muxId = lab.firmware.directory
      .entries()
      .find(({ driver }) => driver.manifest.name === "MUX")?.moduleId;
    const mux: End = [muxId ?? 0, 0];
    const links: readonly End[] = [
      [Id.COPIER, 0],
      [Id.COPIER, 1],
    ];
    const host: End = [Id.COPIER, 2];
    const [stereo, mono, joined] = [formatOf(bits, 2), formatOf(bits, 1), formatOf(bits, 3)];
    const period = (channels: number) => FRAMES_PER_MS * channels * bytes;
    const top = 2 ** (bits - 1) - 1;
    [2, 1].forEach((channels, index) => {
      const link = lab.firmware.soc.gateways.get("hda", index, "capture");
      link.configure({ rateHz: RATE, channels, containerBytes: bytes as 2 | 4 });
      let sample = 0;
      // The first link counts up from full scale's bottom, the second one down from its top.
      link.source = {
        read: (into, offset, length) => {
          const view = new DataView(into.buffer, into.byteOffset + offset, length);
          for (let at = 0; at + bytes <= length; at += bytes, sample++) {
            const value = index === 0 ? sample - top - 1 : top - sample;
            if (bytes === 2) view.setInt16(at, value, true);
            else view.setInt32(at, value, true);
          }
          return length;
        },
      };
    });
    const stream = lab.streams.allocate("capture", 1);
    const bufferBytes = 100 * period(3);
    stream?.configure({
      bufferBytes,
      periodBytes: period(3),
      format: { rate: RATE, channels: 3, containerBits: 8 * bytes, validBits: bits },
    });
    stream?.start();
    lab.ok(
      createPipeline(0),
      createPipeline(1),
      ...links.map((link, i) => {
        const [format, size] = i === 0 ? [stereo, period(2)] : [mono, period(1)];
        return initInstance(link, i, copier(HDA_LINK_IN | i, 4 * size, format, format, size));
      }),
      createPipeline(2),
      initInstance(mux, 2, words([0, period(2), period(3), 0, ...stereo, ...mono, ...joined])),
      initInstance(host, 2, copier(HDA_HOST_IN, 4 * period(3), joined, joined, period(3))),
      bind(links[0] as End, mux),
      bind(links[1] as End, [...mux.slice(0, 2), 1] as unknown as End),
      bind(mux, host),
    );
    for (const id of [2, 0, 1]) lab.ok(setState(State.PAUSED, id));
    for (const id of [2, 0, 1]) lab.ok(setState(State.RUNNING, id));
    lab.run(50);
    const recorded = new Uint8Array(Math.min(stream?.position() ?? 0, bufferBytes));
    stream?.read(0, recorded);
    const samples =
      bytes === 2
        ? Array.from(new Int16Array(recorded.buffer))
        : Array.from(new Int32Array(recorded.buffer));
    // Before the second link runs its channel is silent.
    const first = samples.findIndex((value, i) => i % 3 === 2 && value === top) - 2;
    expect(first).toBeGreaterThanOrEqual(0);
    const together = samples.slice(first);
    expect(together.length).toBeGreaterThan(30 * FRAMES_PER_MS * 3);
    const [start = 0] = together;
    expect(together).toEqual(
      together.map((_, i) => {
        const frame = Math.floor(i / 3);
        return i % 3 === 2 ? top - frame : start + 2 * frame + (i % 3);
      }),
    );
  },
);
