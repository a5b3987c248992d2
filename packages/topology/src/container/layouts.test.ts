import { describe, expect, it } from "vitest";
import { le32, name44 } from "../../test/raw.js";
import { chainedPlayback, echoCancellingCapture } from "../../test/samples.js";
import { bytesControl, enumControl } from "../builder/control-records.js";
import { TopologyBuilder } from "../builder/topology-builder.js";
import { plainWidget } from "../builder/widget-records.js";
import type { ControlRecord } from "./records.js";

/** The payload of the first block of a type. */
function payloadOf(bytes: Uint8Array, type: number): Uint8Array {
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length;) {
    const size = view.getUint32(at + 24, true);
    if (view.getUint32(at + 12, true) === type) return bytes.slice(at + 36, at + 36 + size);
    at += 36 + size;
  }
  throw new Error(`no block of type ${type}`);
}

/** The words at byte offsets. */
function wordsAt(bytes: Uint8Array, ...offsets: number[]): number[] {
  const view = new DataView(bytes.buffer);
  return offsets.map((offset) => view.getUint32(offset, true));
}

const nameAt = (bytes: Uint8Array, offset: number) => bytes.slice(offset, offset + 44);

/** The bytes of a control in a widget without tokens; the scheduler's record must follow them at once. */
function controlBytes(control: ControlRecord, length: number): Uint8Array {
  const builder = new TopologyBuilder({ allowDefects: true });
  builder.pipeline({ id: 1 }).record({ ...plainWidget("effect", "x"), controls: [control] });
  const payload = payloadOf(builder.build(), 5);
  expect(wordsAt(payload, 132 + length)).toEqual([132]);
  return payload.slice(132, 132 + length);
}

describe("fields lie at the offsets of the ABI", () => {
  it("in a PCM", () => {
    const pcm = payloadOf(chainedPlayback().build(), 7);
    expect(wordsAt(pcm, 0)).toEqual([912]);
    expect(nameAt(pcm, 4)).toEqual(name44("HDMI1"));
    expect(nameAt(pcm, 48)).toEqual(name44("HDMI1"));
    // pcm_id, dai_id, playback, capture, compress
    expect(wordsAt(pcm, 92, 96, 100, 104, 108)).toEqual([5, 5, 1, 0, 0]);
    expect(wordsAt(pcm, 688)).toEqual([0]);
    // Playback caps: size, name, formats (64 bits), rates, rate min and max, channels, periods, sizes
    expect(wordsAt(pcm, 692)).toEqual([104]);
    expect(nameAt(pcm, 696)).toEqual(name44("HDMI1"));
    expect(wordsAt(pcm, 740, 744)).toEqual([0x40404, 0]);
    expect(wordsAt(pcm, 748, 752, 756)).toEqual([0x1ee0, 0, 0]);
    expect(wordsAt(pcm, 760, 764, 768, 772)).toEqual([2, 8, 2, 256]);
    expect(wordsAt(pcm, 776, 780, 784, 788)).toEqual([192, 2097152, 384, 4194304]);
    // Capture caps are empty; then flag mask, flags and the size of the tuples.
    expect(pcm.slice(796, 908).every((byte) => byte === 0)).toBe(true);
    expect(wordsAt(pcm, 908)).toEqual([pcm.length - 912]);
  });

  it("in a link", () => {
    const link = payloadOf(echoCancellingCapture().build(), 10);
    expect(wordsAt(link, 0, 4)).toEqual([1656, 0]);
    expect(nameAt(link, 8)).toEqual(name44("SSP1-Codec"));
    // First hardware configuration: size, id, format DSP_A
    expect(wordsAt(link, 676, 680, 684)).toEqual([120, 0, 4]);
    // clock_gated, invert_bclk, invert_fsync, bclk_provider, fsync_provider, mclk_direction
    expect(link.slice(688, 696)).toEqual(Uint8Array.of(0, 1, 0, 1, 1, 1, 0, 0));
    // mclk, bclk, fsync, slots, slot width, tx and rx slots
    expect(wordsAt(link, 696, 700, 704, 708, 712, 716, 720)).toEqual([
      24576000, 256000, 16000, 1, 16, 1, 1,
    ]);
    // The second one is 120 bytes on.
    expect(wordsAt(link, 796, 800, 804, 820)).toEqual([120, 1, 1, 1536000]);
    // num_hw_configs, default, flag mask, flags
    expect(wordsAt(link, 1636, 1640, 1644, 1648)).toEqual([2, 0, 0, 0]);
  });

  it("in an enum control", () => {
    const control = controlBytes(enumControl({ name: "Angle", items: ["-90", "0", "90"] }), 1764);
    expect(wordsAt(control, 0, 4)).toEqual([204, 3]);
    expect(nameAt(control, 8)).toEqual(name44("Angle"));
    // access, get, put, info
    expect(wordsAt(control, 52, 56, 60, 64)).toEqual([3, 257, 257, 4]);
    // size, channel count, first channel
    expect(wordsAt(control, 204, 208, 212, 216, 220, 224)).toEqual([1764, 1, 16, 3, 0, 7]);
    // items, mask, count
    expect(wordsAt(control, 340, 344, 348)).toEqual([3, 0, 0]);
    expect([352, 396, 440].map((offset) => nameAt(control, offset))).toEqual(
      ["-90", "0", "90"].map(name44),
    );
    expect(wordsAt(control, 1760)).toEqual([0]);
  });

  it("in a bytes control", () => {
    const payload = Uint8Array.of(1, 2, 3, 4);
    const control = controlBytes(
      bytesControl({ name: "Blob", payload, paramId: 7, abi: 0x0301a000, access: "read" }),
      240 + 32 + 4,
    );
    expect(wordsAt(control, 0, 4, 52, 56, 60, 64)).toEqual([204, 2, 0x10000010, 0, 0, 5]);
    // size, max, mask, base, num_regs, ext get, put, info, private size
    expect(wordsAt(control, 204, 208, 212, 216, 220, 224, 228, 232, 236)).toEqual([
      240, 1024, 0, 0, 0, 258, 258, 0, 36,
    ]);
    // "SOF4", parameter, size, ABI, four reserved words, payload
    expect(control.slice(240)).toEqual(
      Uint8Array.of(...le32(0x34464f53, 7, 4, 0x0301a000, 0, 0, 0, 0), ...payload),
    );
  });

  it("in a route: sink, control, source", () => {
    const graph = payloadOf(chainedPlayback().build(), 4);
    expect(graph.length).toBe(132);
    expect(nameAt(graph, 0)).toEqual(name44("dai-copier.HDA.iDisp1.playback"));
    expect(nameAt(graph, 44)).toEqual(name44(""));
    expect(nameAt(graph, 88)).toEqual(name44("host-copier.5.playback"));
  });
});
