import { copier, gain, mixer, words } from "../../payloads.js";
import { Id, type Lab } from "../lab.js";
import {
  bind,
  concat,
  createPipeline,
  deletePipeline,
  type End,
  initInstance,
  setDx,
  setState,
  setStates,
  State,
} from "../messages.js";
import { casesIn, check } from "../protocol-case.js";
import { HostRing, play } from "../streams.js";

export const file = casesIn(import.meta.url);
const { protocolCase } = file;

/** The firmware's registers as the host reads them, at the start of window 0. */
function registers(lab: Lab): DataView {
  const bytes = lab.host.link.readWindow(0, 0, 0x1000);
  return new DataView(bytes.buffer);
}

const ALL_ONES = 0xffff_ffff_ffff_ffffn;
const offsetsOf = (lab: Lab, stream = 0): [bigint, bigint] => {
  const view = registers(lab);
  const at = 0x40 + 16 * stream;
  return [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)];
};

const PIPELINE = "window 0, pipeline_regs";

protocolCase(PIPELINE, "copier is made", (lab) => {
  const view = new DataView(lab.firmware.soc.windows.registers.buffer);
  const at = lab.firmware.soc.windows.registers.byteOffset + 0x40 + 16 * 3;
  view.setBigUint64(at, 5n, true);
  lab.playback(3);
  check(offsetsOf(lab, 3)).toEqual([ALL_ONES, ALL_ONES]);
  return "written";
});
/**
 * Two host streams, pipelines 0 and 1, mixed into link 0 in pipeline 9. The first plays, the second is ready.
 *
 * @returns bytes that the link's copier has moved
 */
function mixed(lab: Lab): () => bigint {
  const mixout: End = [Id.MIXOUT, 0];
  const link: End = [Id.COPIER, 9];
  lab.ok(
    createPipeline(9),
    initInstance(mixout, 9, mixer),
    initInstance(link, 9, copier(0x0800, 768)),
    bind(mixout, link),
  );
  for (const id of [0, 1]) {
    const ring = new HostRing(lab, "playback");
    ring.feed(60);
    ring.stream.start();
    lab.ok(
      createPipeline(id),
      initInstance([Id.COPIER, id], id, copier(id, 768)),
      initInstance([Id.MIXIN, id], id, mixer),
      bind([Id.COPIER, id], [Id.MIXIN, id]),
      bind([Id.MIXIN, id], [Id.MIXOUT, 0, id]),
      setState(State.PAUSED, id),
    );
  }
  lab.ok(setState(State.PAUSED, 9), setState(State.RUNNING, 9), setState(State.RUNNING, 0));
  lab.run(20);
  const gateway = lab.firmware.graph.component((9 << 16) | Id.COPIER)?.module.direct?.gateway;
  return () => BigInt(gateway?.totalBytes ?? 0);
}

protocolCase(PIPELINE, "START with a running link", (lab) => {
  const moved = mixed(lab);
  const before = moved();
  check(before).toBeGreaterThanOrEqual(20n * 384n);
  lab.ok(setState(State.RUNNING, 1));
  check(offsetsOf(lab, 1)).toEqual([before, 0n]);
  // The other stream's registers are its own.
  check(offsetsOf(lab, 0)[0]).toBeLessThan(2n * 384n);
  return "written";
});
protocolCase(PIPELINE, "PAUSE and RELEASE while the link goes on", (lab) => {
  const moved = mixed(lab);
  const started = moved();
  lab.ok(setState(State.RUNNING, 1));
  lab.run(10);
  const paused = moved();
  lab.ok(setState(State.PAUSED, 1));
  check(offsetsOf(lab, 1)).toEqual([started, paused]);
  lab.run(20);
  const released = moved();
  check(released - paused).toBeGreaterThanOrEqual(20n * 384n);
  lab.ok(setState(State.RUNNING, 1));
  // What the link played meanwhile was not this stream's.
  check(offsetsOf(lab, 1)).toEqual([started + released - paused, 0n]);
  return "written";
});
protocolCase(PIPELINE, "RELEASE with a period buffered before the link", (lab) => {
  const [source, middle, link]: [End, End, End] = [
    [Id.COPIER, 0],
    [Id.GAIN, 0],
    [Id.COPIER, 1],
  ];
  const ring = new HostRing(lab, "playback");
  ring.feed(60);
  ring.stream.start();
  // The link's pipeline copies first in a tick: what the host's gives waits for the next one.
  lab.ok(
    createPipeline(0, { priority: 1 }),
    initInstance(source, 0, copier(0, 768)),
    createPipeline(1),
    initInstance(middle, 1, gain(0x7fff_ffff)),
    initInstance(link, 1, copier(0x0800, 768)),
    bind(source, middle),
    bind(middle, link),
    setStates(State.PAUSED, 1, 0),
    setStates(State.RUNNING, 1, 0),
  );
  lab.run(10);
  lab.ok(setStates(State.PAUSED, 0, 1));
  const [start, end] = offsetsOf(lab);
  check([start, end % 384n, end > 8n * 384n]).toEqual([0n, 0n, true]);
  lab.ok(setStates(State.RUNNING, 1, 0));
  check(offsetsOf(lab)).toEqual([384n, 0n]);
  return "written";
});
protocolCase(PIPELINE, "START without", (lab) => {
  lab.playback(0);
  // The link's copier is triggered after the host's: it does not run yet.
  lab.ok(setState(State.PAUSED, 0), setState(State.RUNNING, 0));
  check(offsetsOf(lab)).toEqual([0n, 0n]);
  return "written";
});
protocolCase(PIPELINE, "PAUSE and RELEASE", (lab) => {
  const ring = play(lab);
  ring.feed(50);
  lab.run(20);
  lab.ok(setState(State.PAUSED, 0));
  const [start, paused] = offsetsOf(lab);
  check(start).toBe(0n);
  // About 20 periods of 384 bytes went through the link's copier.
  check(Number(paused) / 384).toBeGreaterThan(15);
  check(Number(paused) % 384).toBe(0);
  lab.run(30);
  lab.ok(setState(State.RUNNING, 0));
  const [released, end] = offsetsOf(lab);
  check(end).toBe(0n);
  check(released).toBeGreaterThanOrEqual(0n);
  return "written";
});
protocolCase(PIPELINE, "RESET", (lab) => {
  play(lab).feed(20);
  lab.run(10);
  lab.ok(setState(State.RESET, 0));
  check(offsetsOf(lab)).toEqual([ALL_ONES, ALL_ONES]);
  return "written";
});

const LLP = "window 0, llp_reading_slot";
const GPDMA = 0x740;
const SOUNDWIRE = 0x920;

/** Node id, bytes and wall clock of a slot. */
const slotAt = (
  lab: Lab,
  base: number,
  index = 0,
): { node: number; bytes: bigint; clock: bigint } => {
  const view = registers(lab);
  const at = base + 20 * index;
  return {
    node: view.getUint32(at, true),
    bytes: view.getBigUint64(at + 4, true),
    clock: view.getBigUint64(at + 12, true),
  };
};

/** Capture from SSP 2 into a scripted module. */
function captureSsp(lab: Lab): void {
  const link: End = [Id.COPIER, 0];
  lab.ok(createPipeline(0), initInstance(link, 0, copier(0xffff_ed20, 768)));
  lab.ok(bind(link, lab.scripted(0)));
}

protocolCase(LLP, "copier of a link without registers is made", (lab) => {
  captureSsp(lab);
  check(slotAt(lab, GPDMA)).toEqual({ node: 0x0d20, bytes: 0n, clock: 0n });
  lab.ok(initInstance([Id.COPIER, 1], 0, copier(0x0c10, 768)));
  check(slotAt(lab, GPDMA, 1).node).toBe(0x0c10);
  return "written";
});
protocolCase(LLP, "each copy", (lab) => {
  captureSsp(lab);
  lab.ok(setState(State.PAUSED, 0), setState(State.RUNNING, 0));
  lab.run(10);
  const first = slotAt(lab, GPDMA);
  lab.run(10);
  const second = slotAt(lab, GPDMA);
  check(first.bytes).toBeGreaterThan(0n);
  // Ten periods of 48 frames, read ten milliseconds of 38.4 MHz apart.
  check(second.bytes - first.bytes).toBe(3840n);
  check(Number(second.clock - first.clock) / 384_000).toBeCloseTo(1, 2);
  return "written";
});
protocolCase(LLP, "pipeline is reset", (lab) => {
  captureSsp(lab);
  lab.ok(setState(State.PAUSED, 0), setState(State.RUNNING, 0));
  lab.run(10);
  lab.ok(setState(State.RESET, 0));
  check(slotAt(lab, GPDMA)).toEqual({ node: 0x0d20, bytes: 0n, clock: 0n });
  return "written";
});
protocolCase(LLP, "copier is freed", (lab) => {
  captureSsp(lab);
  lab.ok(initInstance([Id.COPIER, 1], 0, copier(0x0c10, 768)));
  lab.ok(deletePipeline(0));
  check([slotAt(lab, GPDMA).node, slotAt(lab, GPDMA, 1).node]).toEqual([0, 0]);
  captureSsp(lab.with({}));
  return "written";
});
protocolCase(LLP, "group of SoundWire endpoints", (lab) => {
  // Two endpoints of one channel each behind node 0x1050.
  const payload = concat(copier(0x1050, 768).subarray(0, 76), words([6, 0, 2, 0, 1, 1, 2]));
  lab.ok(createPipeline(0), initInstance([Id.COPIER, 0], 0, payload));
  check(slotAt(lab, SOUNDWIRE).node).toBe(0x1050);
  check(slotAt(lab, GPDMA).node).toBe(0);
  lab.ok(deletePipeline(0));
  check(slotAt(lab, SOUNDWIRE).node).toBe(0);
  return "written";
});
protocolCase(LLP, "HD-A links and host streams have none", (lab) => {
  lab.playback(0);
  for (let slot = 0; slot < 24; slot++) check(slotAt(lab, GPDMA, slot).node).toBe(0);
  return "written";
});

protocolCase("window 0, peak_vol_regs", "peak volume reports", (lab) => {
  const ring = play(lab);
  lab.ok(
    setState(State.RESET, 0),
    deletePipeline(0),
    createPipeline(0),
    initInstance([Id.COPIER, 0], 0, copier(0, 768)),
    initInstance([Id.PEAKVOL, 3], 0, gain(0x4000_0000)),
    initInstance([Id.COPIER, 1], 0, copier(0x0800, 768)),
    bind([Id.COPIER, 0], [Id.PEAKVOL, 3]),
    bind([Id.PEAKVOL, 3], [Id.COPIER, 1]),
    setState(State.PAUSED, 0),
    setState(State.RUNNING, 0),
  );
  ring.feed(60, -0x1234_5600);
  lab.run(30);
  const view = registers(lab);
  const at = 0x140 + 96 * 3;
  const of = (index: number) => view.getUint32(at + 4 * index, true);
  check([of(0), of(1)]).toEqual([0x1234_5600, 0x1234_5600]);
  check([of(8), of(9), of(16), of(17)]).toEqual([
    0x4000_0000, 0x4000_0000, 0x4000_0000, 0x4000_0000,
  ]);
  lab.ok(setState(State.RESET, 0), deletePipeline(0));
  check(registers(lab).getUint32(at, true)).toBe(0);
  return "written";
});

const STATUS = "window 0, status";
const activePipelines = (lab: Lab): number => (registers(lab).getUint32(8, true) >> 13) & 0x3f;

protocolCase(STATUS, "boot", (lab) => {
  const view = registers(lab);
  // Base firmware (2) entered (5), no error, register layout 1.
  check([view.getUint32(0, true), view.getUint32(4, true), view.getUint32(0x1c, true)]).toEqual([
    0x2000_0005, 0, 1,
  ]);
  check(offsetsOf(lab, 15)).toEqual([ALL_ONES, ALL_ONES]);
  return "written";
});
protocolCase(STATUS, "pipelines run", (lab) => {
  lab.pairIn("RUNNING", 1);
  lab.pairIn("PAUSED", 2);
  lab.pairIn("RUNNING", 3);
  check(activePipelines(lab)).toBe(2);
  lab.ok(setState(State.PAUSED, 1));
  check(activePipelines(lab)).toBe(1);
  lab.script.process = -5;
  lab.run(3);
  check(activePipelines(lab)).toBe(0);
  return "written";
});
protocolCase(STATUS, "secondary cores are on", (lab) => {
  const on = () => [0, 1, 2].map((core) => registers(lab).getUint8(0x20 + core));
  lab.cores(2);
  check(on()).toEqual([1, 0, 1]);
  lab.ok(setDx(4, 0));
  check(on()).toEqual([1, 0, 0]);
  return "written";
});
protocolCase(STATUS, "a fault", (lab) => {
  lab.pairIn("RUNNING");
  lab.script.once = () => {
    throw new TypeError("wild pointer");
  };
  lab.run(3);
  // FAILURE, and the CPU exception behind it.
  const view = registers(lab);
  check([view.getUint32(4, true), view.getUint32(12, true)]).toEqual([6, 0]);
  return "written";
});
protocolCase(STATUS, "core 0 goes down", (lab) => {
  lab.ok(setDx(1, 0));
  lab.run(1);
  check(registers(lab).getUint32(0, true) & 0xff_ffff).toBe(0);
  return "written";
});
