import { formatViolation, RandomChooser } from "@sof-ts/explorer";
import { describe, expect, it } from "vitest";
import { HostStreams, type LockingName } from "../src/index.js";
import { audioFormat, copier, words } from "./payloads.js";
import { deleteInstance, largeSet, unbind } from "./protocol/messages.js";
import { RawHost } from "./raw-host.js";
import { strategies } from "./strategies.js";
import {
  bind,
  createPipeline,
  init,
  modules,
  NumberedStream,
  ok,
  run,
  setCore,
  setState,
} from "./stream.js";

const { COPIER } = modules;
const HDA_LINK_OUT = 0x0800;
const PERIOD = 384;
const SET_SINK_FORMAT = 2;
const S32 = audioFormat(48_000, 2, 32, 32);

/** The second way out of a stream's host copier: a pipeline of its own with a copier on another link. */
class Branch {
  framesHeard = 0;
  /** Frames that did not follow the one before. */
  breaks = 0;
  private last: number | null = null;
  private readonly host: RawHost;
  private readonly pipeline: number;
  private readonly source: number;

  constructor(host: RawHost, pipeline: number, source: number) {
    this.host = host;
    this.pipeline = pipeline;
    this.source = source;
  }

  create(): void {
    const { host, pipeline, source } = this;
    const link = host.firmware.soc.gateways.get("hda", pipeline, "playback");
    link.sink = { write: (bytes, offset, length) => this.hear(bytes, offset, length) };
    ok(host, ...largeSet([COPIER, source], SET_SINK_FORMAT, words([1, ...S32, ...S32])));
    createPipeline(host, pipeline, 0);
    init(host, COPIER, 2 * pipeline, pipeline, 0, copier(HDA_LINK_OUT | pipeline, 2 * PERIOD));
    bind(host, [COPIER, source, 1], [COPIER, 2 * pipeline]);
    this.last = null;
  }

  start(): void {
    setState(this.host, "paused", this.pipeline);
    setState(this.host, "running", this.pipeline);
  }

  stop(): void {
    setState(this.host, "paused", this.pipeline);
    setState(this.host, "reset", this.pipeline);
  }

  /** @param how whether the connection is broken first, or goes with its sink */
  destroy(how: "unbind first" | "delete the pipeline" | "delete the module"): void {
    const { host, pipeline, source } = this;
    const end = [COPIER, 2 * pipeline] as const;
    if (how === "unbind first") ok(host, ...unbind([COPIER, source, 1], [...end]));
    if (how === "delete the module") ok(host, ...deleteInstance([...end]));
    ok(host, 0x1200_0000 | (pipeline << 16), 0);
  }

  private hear(bytes: Uint8Array, offset: number, length: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
    for (let at = 0; at < length; at += 8) {
      const frame = view.getInt32(at, true);
      if (frame === 0) continue;
      this.framesHeard++;
      if (this.last !== null && frame !== this.last + 1) this.breaks++;
      this.last = frame;
    }
  }
}

const ways = ["unbind first", "delete the pipeline", "delete the module"] as const;

/** Two branches of a stream, one of which comes and goes; returns what the other one missed. */
function scenario(
  locking: LockingName,
  how: (typeof ways)[number],
  seed: number,
  checked = false,
): unknown {
  const chooser = new RandomChooser(seed);
  const host = new RawHost({ config: { locking }, chooser, checked });
  host.boot();
  setCore(host, 1, true);
  const streams = new HostStreams(host.firmware.soc);
  const idle = host.firmware.resources;
  const stream = new NumberedStream(host, streams, 0, 0);
  const beside = new NumberedStream(host, streams, 1, 1);
  for (const each of [stream, beside]) {
    each.create();
    each.start();
  }
  run(host, 5.3, [stream, beside]);
  const heard: number[] = [];
  const breaks: number[] = [];
  const branch = new Branch(host, 3, 0);
  for (let life = 0; life < 3; life++) {
    const before = branch.framesHeard;
    branch.create();
    run(host, 0.3 + life * 0.37, [stream, beside]);
    branch.start();
    run(host, 6.1, [stream, beside]);
    branch.stop();
    branch.destroy(how);
    heard.push(branch.framesHeard - before);
    breaks.push(branch.breaks);
    run(host, 1.7, [stream, beside]);
  }
  const faults = [...stream.faults, ...beside.faults];
  for (const each of [stream, beside]) {
    each.stop();
    each.destroy();
  }
  expect(heard.every((frames) => frames >= 48 * 3)).toBe(true);
  expect(host.firmware.resources).toEqual(idle);
  const violations = host.firmware.checks?.violations.map(formatViolation) ?? [];
  return { faults, breaks, notifications: host.notifications.length, violations };
}

describe.each(strategies)("a stream that forks, with %s", (locking) => {
  it.each(ways)(
    "plays on in one branch while the other is stopped and freed in any order of the machine: %s",
    (how) => {
      for (let seed = 1; seed <= 4; seed++) {
        expect({ seed, outcome: scenario(locking, how, seed) }).toEqual({
          seed,
          outcome: { faults: [], breaks: [0, 0, 0], notifications: 0, violations: [] },
        });
      }
    },
  );

  it.each(ways)("breaks no rule of the checkers: %s", (how) => {
    expect(scenario(locking, how, 5, true)).toEqual({
      faults: [],
      breaks: [0, 0, 0],
      notifications: 0,
      violations: [],
    });
  });
});
