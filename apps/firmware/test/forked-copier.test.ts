import { describe, expect, it } from "vitest";
import { audioFormat, copier, gain, words } from "./payloads.js";
import { Id, Lab } from "./protocol/lab.js";
import {
  bind,
  createPipeline,
  deletePipeline,
  type End,
  initInstance,
  largeSet,
  setState,
  State,
  unbind,
} from "./protocol/messages.js";
import { strategies } from "./strategies.js";
import { NumberedStream, run } from "./stream.js";

const HDA_LINK_OUT = 0x0800;
const SET_SINK_FORMAT = 2;
const S32 = audioFormat(48_000, 2, 32, 32);

/** A second way out of a stream's host copier: gain and a copier at another link, in a pipeline of their own. */
class Branch {
  frames = 0;
  readonly faults: string[] = [];
  private readonly lab: Lab;
  private readonly from: End;
  private readonly gain: End = [Id.GAIN, 5];
  private readonly out: End = [Id.COPIER, 9];
  private readonly core: number;
  private last: number | null = null;

  constructor(lab: Lab, stream: number, core: number) {
    this.lab = lab;
    this.core = core;
    this.from = [Id.COPIER, 2 * stream, 1];
  }

  create(): void {
    const { lab, core } = this;
    const link = lab.firmware.soc.gateways.get("hda", 8, "playback");
    link.sink = { write: (bytes, offset, length) => this.hear(bytes, offset, length) };
    lab.ok(
      createPipeline(20, { core }),
      initInstance(this.gain, 20, gain(0x7fff_ffff), { core }),
      initInstance(this.out, 20, copier(HDA_LINK_OUT | 8, 768), { core }),
      bind(this.gain, this.out),
      largeSet(this.from, SET_SINK_FORMAT, words([1, ...S32, ...S32])),
      bind(this.from, this.gain),
    );
  }

  start(): void {
    this.last = null;
    this.lab.ok(setState(State.PAUSED, 20), setState(State.RUNNING, 20));
  }

  destroy(): void {
    this.lab.ok(
      setState(State.PAUSED, 20),
      setState(State.RESET, 20),
      unbind(this.from, this.gain),
      deletePipeline(20),
    );
  }

  private hear(bytes: Uint8Array, offset: number, length: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
    for (let at = 0; at < length; at += 8) {
      const left = view.getInt32(at, true);
      // Nothing has come yet.
      if (left === 0 && this.last === null) continue;
      if (this.last !== null && left !== this.last + 1) this.faults.push(`${this.last}, ${left}`);
      this.last = left;
      this.frames++;
    }
  }
}

describe.each(strategies)("a copier with two sinks, with %s", (locking) => {
  it.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [2, 1],
  ])("on core %i goes on while its branch on core %i starts, stops and is freed", (core, other) => {
    const lab = new Lab({ config: { platform: "ptl", locking } });
    lab.cores(1, 2);
    const idle = lab.firmware.resources;
    const stream = new NumberedStream(lab.host, lab.streams, 0, core);
    stream.create();
    stream.start();
    run(lab.host, 10, [stream]);
    const branch = new Branch(lab, 0, other);
    for (let round = 1; round <= 3; round++) {
      branch.create();
      run(lab.host, 3.3, [stream]);
      branch.start();
      run(lab.host, 20.4, [stream]);
      branch.destroy();
      run(lab.host, 5, [stream]);
      expect(branch.faults).toEqual([]);
      expect(branch.frames).toBeGreaterThan(round * 48 * 17);
    }
    expect(stream.faults).toEqual([]);
    expect(stream.framesHeard).toBeGreaterThan(48 * 90);
    stream.stop();
    stream.destroy();
    expect(lab.firmware.resources).toEqual(idle);
  });
});
