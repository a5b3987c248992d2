import { describe, expect, it } from "vitest";
import type { LockingName } from "../src/index.js";
import { audioFormat, base, copier, words } from "./payloads.js";
import { Id, Lab } from "./protocol/lab.js";
import {
  bind,
  createPipeline,
  type End,
  initInstance,
  largeSet,
  setState,
  State,
} from "./protocol/messages.js";
import { strategies } from "./strategies.js";

const HDA_LINK_IN = 0x0900;
const PHRASE_DETECTED = 0x1b04_0000;

const HDA_HOST_IN = 0x0100;
const FRAMES_PER_MS = 16;
const DRAIN_MS = 200;
const LOUD = 0x6000;
/** Word of a copier's payload that asks for features, and the one that a key phrase buffer's host copier has. */
const FEATURE_WORD = 16;
const FAST_MODE = 1;
/** What the host is answered when a module refuses a state. */
const INVALID_REQUEST = 7;

/** A microphone at 16 kHz in front of a key phrase buffer, its detector and a host that records. */
class Listening {
  readonly lab: Lab;
  /** Milliseconds after which the microphone hears the phrase. */
  phraseMs = Number.POSITIVE_INFINITY;
  private frame = 0;
  private readonly stream: ReturnType<Lab["streams"]["allocate"]>;
  private readonly bufferBytes = 4 * FRAMES_PER_MS * 2000;

  constructor(locking: LockingName) {
    const lab = new Lab({ config: { locking } });
    const stream = lab.streams.allocate("capture", 1);
    this.lab = lab;
    this.stream = stream;
    const idOf = (module: string) =>
      lab.firmware.directory.entries().find(({ driver }) => driver.manifest.name === module)
        ?.moduleId ?? 0;
    const s16 = audioFormat(16_000, 2, 16, 16);
    const periodBytes = 4 * FRAMES_PER_MS;
    const baseS16 = words([0, periodBytes, periodBytes, 0, ...s16]);
    const [microphone, phraseBuffer, detector, host]: [End, End, End, End] = [
      [Id.COPIER, 0],
      [idOf("KPB"), 0],
      [idOf("KDTEST"), 0],
      [Id.COPIER, 1],
    ];
    const link = lab.firmware.soc.gateways.get("hda", 0, "capture");
    link.configure({ rateHz: 16_000, channels: 2, containerBytes: 2 });
    // The left channel is loud from the phrase on, the right one counts frames.
    link.source = {
      read: (into, offset, length) => {
        const view = new DataView(into.buffer, into.byteOffset + offset, length);
        for (let at = 0; at + 4 <= length; at += 4, this.frame++) {
          const loud = this.frame >= this.phraseMs * FRAMES_PER_MS;
          view.setInt16(at, loud ? LOUD : 0, true);
          view.setInt16(at + 2, this.frame & 0x7fff, true);
        }
        return length;
      },
    };
    stream?.configure({
      bufferBytes: this.bufferBytes,
      periodBytes: 4 * FRAMES_PER_MS,
      format: { rate: 16_000, channels: 2, containerBits: 16, validBits: 16 },
    });
    stream?.start();
    const copierOf = (node: number, features = 0) => {
      const payload = new Uint32Array(copier(node, 4 * periodBytes, s16, s16, periodBytes).buffer);
      payload[FEATURE_WORD] = features;
      return words([...payload]);
    };
    lab.ok(
      createPipeline(0),
      createPipeline(1),
      initInstance(microphone, 0, copierOf(HDA_LINK_IN)),
      initInstance(phraseBuffer, 0, baseS16),
      initInstance(detector, 0, baseS16),
      initInstance(host, 1, copierOf(HDA_HOST_IN, FAST_MODE)),
      bind(microphone, phraseBuffer),
      bind(phraseBuffer, detector),
      bind([...phraseBuffer.slice(0, 2), 1] as unknown as End, host),
      largeSet(detector, 2, words([20, 0, 0, 0x5000, DRAIN_MS])),
      setState(State.PAUSED, 1),
      setState(State.PAUSED, 0),
      setState(State.RUNNING, 1),
      setState(State.RUNNING, 0),
    );
  }

  /** What the host has recorded, in order. */
  recorded(): { readonly left: readonly number[]; readonly right: readonly number[] } {
    const bytes = new Uint8Array(Math.min(this.stream?.position() ?? 0, this.bufferBytes));
    this.stream?.read(0, bytes);
    const samples = Array.from(new Int16Array(bytes.buffer));
    return {
      left: samples.filter((_, i) => i % 2 === 0),
      right: samples.filter((_, i) => i % 2 === 1),
    };
  }
}

describe.each(strategies)("with %s,", (locking) => {
  it("tells the host of a phrase that the image's own detector heard, once", () => {
    const lab = new Lab({ config: { locking } });
    const detectorId = lab.firmware.directory
      .entries()
      .find(({ driver }) => driver.manifest.name === "KDTEST")?.moduleId;
    expect(detectorId).toBeDefined();
    const [microphone, detector]: [End, End] = [
      [Id.COPIER, 0],
      [detectorId ?? 0, 0],
    ];
    const link = lab.firmware.soc.gateways.get("hda", 0, "capture");
    link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    let loud = false;
    link.source = {
      read: (into, offset, length) => {
        into.fill(loud ? 0x60 : 0, offset, offset + length);
        return length;
      },
    };
    lab.ok(
      createPipeline(0),
      initInstance(microphone, 0, copier(HDA_LINK_IN, 768)),
      initInstance(detector, 0, words(base)),
      bind(microphone, detector),
      setState(State.PAUSED, 0),
      setState(State.RUNNING, 0),
    );
    const phrases = () =>
      lab
        .notifications()
        .map(({ primary, extension }) => [primary, extension])
        .filter(([primary]) => ((primary ?? 0) & 0xffff_0000) === PHRASE_DETECTED);
    lab.run(20);
    expect(phrases()).toEqual([]);
    loud = true;
    lab.run(20);
    // Word 1 with full score.
    expect(phrases()).toEqual([[PHRASE_DETECTED | 1, 8192]]);
  });

  it("records what was said before the phrase and everything after it, without a lost or repeated frame", () => {
    const listening = new Listening(locking);
    const { lab } = listening;
    lab.run(300);
    expect(listening.recorded().right).toEqual([]);
    listening.phraseMs = 320;
    lab.run(1000);
    const { left, right } = listening.recorded();
    const [first = 0] = right;
    expect(right).toEqual(right.map((_, i) => (first + i) & 0x7fff));
    // The phrase begins in the last millisecond of the history.
    const phraseAt = left.indexOf(LOUD);
    expect(first + phraseAt).toBe(320 * FRAMES_PER_MS);
    expect(phraseAt).toBeGreaterThan((DRAIN_MS - 2) * FRAMES_PER_MS);
    expect(phraseAt).toBeLessThan(DRAIN_MS * FRAMES_PER_MS);
    // The host has caught up with the microphone but for what the buffers on the way hold.
    const heard = (first + right.length) / FRAMES_PER_MS;
    expect(heard).toBeGreaterThan(1300 - 20);
  });

  it("answers a reset that comes while it drains with a refusal, and the next one with success", () => {
    const listening = new Listening(locking);
    const { lab } = listening;
    lab.run(300);
    listening.phraseMs = 0;
    for (let ms = 0; listening.recorded().left.length === 0; ms++) {
      if (ms > 50) throw new Error("nothing is drained");
      lab.run(1);
    }
    lab.ok(setState(State.PAUSED, 0));
    expect(lab.status(setState(State.RESET, 0))).toBe(INVALID_REQUEST);
    lab.ok(setState(State.RESET, 0));
  });
});
