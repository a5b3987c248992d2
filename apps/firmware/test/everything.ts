import type { Chooser, MemPartition } from "@sof-ts/kernel";
import type { LockingName } from "../src/index.js";
import { Random } from "@sof-ts/kit";
import { expect } from "vitest";
import { CountCheck, Counter } from "./counting.js";
import { EffectStream, loudNoise } from "./effect-stream.js";
import { keys, makeLibrary, sendLibrary } from "./library.js";
import { MixedSource, NumberedMixer } from "./mixed-streams.js";
import { copier } from "./payloads.js";
import { Id, Lab } from "./protocol/lab.js";
import {
  bind,
  chainDma,
  configGet,
  configSet,
  createPipeline,
  deletePipeline,
  type End,
  initInstance,
  largeGet,
  largeSet,
  setDx,
  setState,
  State,
  unloadModules,
} from "./protocol/messages.js";
import { NumberedStream } from "./stream.js";

const FORMAT = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 } as const;
const LINK_FORMAT = { rateHz: 48_000, channels: 2, containerBytes: 4 } as const;
const PERIOD = 384;
const LIMITER = 0x1000;
const RESOURCE_EVENT = 0x1b05_0000;
const CAPTURE_PIPELINE = 20;
const SSP_PIPELINE = 21;
const TALK_PIPELINE = 22;
const VICTIM = 6;
/** First link position slot of links without registers of their own. */
const LLP_SLOT = 0x740;
const TEN_MS = {
  dataProcessing: true,
  blockBytes: 3840,
  tail: [0xffff_ffff, 0x7fff_ffff, 0, 0, 0, 0],
} as const;

export const input = loudNoise(48 * 600);
const library = makeLibrary({
  cold: Uint8Array.from({ length: 300 }, (_, i) => i),
  coldRodata: Uint8Array.from({ length: 200 }, (_, i) => 255 - i),
});
/** Bytes of the image's own cold data. */
const COLD_BYTES = 0x2000;
const config = { platform: "ptl", coldRodataBytes: COLD_BYTES } as const;

/** From a link that counts, over two copiers, into a host ring that is read as it fills. */
class Capture {
  readonly check = new CountCheck();
  private readonly lab: Lab;
  private readonly stream;
  private read = 0;
  private readonly ringBytes = PERIOD * 128;

  constructor(lab: Lab, core: number) {
    this.lab = lab;
    const stream = lab.streams.allocate("capture");
    if (stream === null) throw new Error("no host stream is left");
    this.stream = stream;
    stream.configure({ bufferBytes: this.ringBytes, periodBytes: PERIOD, format: FORMAT });
    const link = lab.firmware.soc.gateways.get("hda", 0, "capture");
    link.configure(LINK_FORMAT);
    const counter = new Counter();
    link.source = {
      read: (into, offset, length) => {
        counter.write(into, offset, length);
        return length;
      },
    };
    const [from, to]: [End, End] = [
      [Id.COPIER, 40],
      [Id.COPIER, 41],
    ];
    lab.ok(
      createPipeline(CAPTURE_PIPELINE, { core }),
      initInstance(from, CAPTURE_PIPELINE, copier(0x0900, 768), { core }),
      initInstance(to, CAPTURE_PIPELINE, copier(0x0100 | (stream.tag - 1), 768), { core }),
      bind(from, to),
    );
  }

  start(): void {
    this.stream.start();
    this.lab.ok(setState(State.PAUSED, CAPTURE_PIPELINE));
    this.lab.ok(setState(State.RUNNING, CAPTURE_PIPELINE));
  }

  /** Looks at what has come. */
  feed(): void {
    const bytes = new Uint8Array(PERIOD);
    while (this.stream.position() - this.read >= PERIOD) {
      this.stream.read(this.read % this.ringBytes, bytes);
      this.check.look(bytes, 0, PERIOD);
      this.read += PERIOD;
    }
  }

  end(): void {
    const { lab } = this;
    lab.ok(setState(State.PAUSED, CAPTURE_PIPELINE), setState(State.RESET, CAPTURE_PIPELINE));
    this.stream.stop();
    lab.ok(deletePipeline(CAPTURE_PIPELINE));
    this.stream.release();
  }
}

/** Host to link without a pipeline. */
class Chain {
  readonly check = new CountCheck();
  private readonly lab: Lab;
  private readonly stream;
  private readonly counter = new Counter();
  private fed = 0;
  private readonly ringBytes = PERIOD * 128;
  private readonly linkId = 2;

  constructor(lab: Lab) {
    this.lab = lab;
    const stream = lab.streams.allocate("playback");
    if (stream === null) throw new Error("no host stream is left");
    this.stream = stream;
    stream.configure({ bufferBytes: this.ringBytes, periodBytes: PERIOD, format: FORMAT });
    const link = lab.firmware.soc.gateways.get("hda", this.linkId, "playback");
    link.configure(LINK_FORMAT);
    link.sink = { write: (bytes, offset, length) => this.check.look(bytes, offset, length) };
  }

  start(): void {
    this.feed();
    this.lab.ok(chainDma(this.stream.tag - 1, this.linkId, { allocate: true, enable: true }));
    this.stream.start();
  }

  feed(): void {
    const bytes = new Uint8Array(PERIOD);
    while (this.fed + PERIOD - this.stream.position() <= this.ringBytes) {
      this.counter.write(bytes, 0, PERIOD);
      this.stream.write(this.fed % this.ringBytes, bytes);
      this.fed += PERIOD;
    }
    this.stream.setApplicationPosition(this.fed);
  }

  end(): void {
    this.lab.ok(chainDma(this.stream.tag - 1, this.linkId, { allocate: true }));
    this.lab.ok(chainDma(this.stream.tag - 1, this.linkId));
    this.stream.stop();
    this.stream.release();
  }
}

/** What went through a library's module and no other, for comparison. */
export function limitedAlone(): Int32Array {
  const lab = new Lab({ config, libraryKeys: keys });
  expect(sendLibrary(lab, library, 1)).toEqual([0, 0]);
  const stream = new EffectStream(lab, 1, [LIMITER, 0], {});
  expect(stream.create(input)).toBe(0);
  stream.start();
  lab.run(150);
  return stream.audio(4000);
}

/** The cold sections that LL and IPC threads reach, and which of these threads have. */
class ColdSections {
  readonly readers = new Set<string>();
  private readonly lab: Lab;
  private readonly sections: readonly MemPartition[];

  constructor(lab: Lab) {
    this.lab = lab;
    const { soc, domain } = lab.firmware;
    const { base, size } = soc.platform.memory.imr;
    const mapped = domain.thread(0)?.domain;
    this.sections = (mapped?.partitions ?? [])
      .filter((part) => part !== null)
      .filter(({ start }) => start >= base && start < base + size)
      .filter(({ start }) => mapped?.allows(start, 16, false));
  }

  get count(): number {
    return this.sections.length;
  }

  /** Reads all of them, as the thread that calls. Where one is not mapped, the thread faults. */
  read(): void {
    const { kernel } = this.lab.firmware;
    for (const { start, size } of this.sections) {
      kernel.checkAccess(start, 16, false);
      kernel.checkAccess(start + size - 16, 16, false);
    }
    this.readers.add(kernel.current.name);
  }
}

/** The cold sections of a library's module, in DRAM. */
function coldOf({ firmware }: Lab, moduleId: number): readonly MemPartition[] {
  const { base, size } = firmware.soc.platform.memory.imr;
  const all = firmware.libraryManager?.partitionsOf(moduleId) ?? [];
  return all.filter(({ start }) => start >= base && start < base + size);
}

/** How a run of {@link everything} is made. */
export interface EverythingOptions {
  readonly seed: number;
  /** What the library's module makes of the input. */
  readonly limited: Int32Array;
  readonly chooser?: Chooser;
  readonly skewCycles?: number;
  /** Told when the part begins that everything runs in, and when it ends. */
  readonly window?: (open: boolean) => void;
  /** User LL unless given. */
  readonly locking?: LockingName;
}

/**
 * Five cores with all that the firmware does, at once. Which core each stream is on, and the instants of what
 * happens, come from a seed.
 */
export function everything(options: EverythingOptions): void {
  const { seed, limited, chooser, skewCycles = 0, locking = "user-ll" } = options;
  const random = new Random(seed);
  const lab = new Lab({
    config: { ...config, locking },
    libraryKeys: keys,
    skewCycles,
    ...(chooser === undefined ? {} : { chooser }),
  });
  const { host, streams, firmware } = lab;
  const off = firmware.resources;
  lab.cores(1, 2, 3, 4);
  expect(sendLibrary(lab, library, 1)).toEqual([0, 0]);
  const turn = random.below(5);
  const on = (core: number): number => (core + turn) % 5;

  const mixer = new NumberedMixer(host, 0, on(0));
  mixer.create();
  const steady = new MixedSource(host, streams, 31, on(1), 1);
  steady.create(mixer);
  const moving = new MixedSource(host, streams, 30, on(2), 0);
  moving.create(mixer);
  const plain = [3, 5].map((id) => new NumberedStream(host, streams, id, on(id)));
  const victim = new NumberedStream(host, streams, VICTIM, on(2));
  for (const stream of [...plain, victim]) stream.create();
  const effects = [
    new EffectStream(lab, 4, [Id.GAIN, 14], { ...TEN_MS, core: on(2), effectCore: on(2) }),
    new EffectStream(lab, 7, [Id.GAIN, 15], { ...TEN_MS, core: on(0), effectCore: on(4) }),
    new EffectStream(lab, 1, [LIMITER, 0], { core: on(4) }),
  ];
  for (const effect of effects) expect(effect.create(input)).toBe(0);
  const cold = new ColdSections(lab);
  // Privileged threads need no mapping.
  expect(cold.count).toBe(locking === "kernel-ll" ? 0 : 1);
  const ofLibrary = coldOf(lab, LIMITER);
  expect(ofLibrary).toHaveLength(2);
  /** The threads that the library's cold sections are mapped for: the worker that calls its module, and no other. */
  const coldReaders = (): readonly string[] =>
    [...firmware.kernel.threads]
      .filter(({ domain }) => ofLibrary.some(({ start }) => domain?.allows(start, 16, false)))
      .map(({ name }) => name);
  const capture = new Capture(lab, on(3));
  const chain = new Chain(lab);
  chain.start();
  // An SSP port has a link position slot; what it hears is silence.
  const core = on(1);
  const port: End = [Id.COPIER, 42];
  lab.ok(createPipeline(SSP_PIPELINE, { core }));
  const sink = lab.scripted(100, SSP_PIPELINE, core);
  lab.ok(initInstance(port, SSP_PIPELINE, copier(0x0d00, 768), { core }), bind(port, sink));
  // Somebody to talk to.
  lab.ok(createPipeline(TALK_PIPELINE, { core: on(3) }));
  const listener = lab.scripted(102, TALK_PIPELINE, on(3));
  lab.instance(listener).setConfigParam = () => {
    cold.read();
    return 0;
  };

  const fed = [steady, moving, ...plain, capture, chain];
  /** Lets time pass with all rings fed, but perhaps the victim's. */
  const pass = (ms: number, withVictim = true): void => {
    for (let left = ms; left > 0; left -= 10) {
      host.run(Math.min(10, left));
      for (const each of fed) each.feed();
      if (withVictim) victim.feed();
    }
  };
  const position = (): bigint => {
    const bytes = firmware.soc.windows.registers;
    return bytes.getBigUint64(LLP_SLOT + 4, true);
  };
  const talk = (): void => {
    const bytes = Uint8Array.from({ length: 4 * random.between(1, 900) }, () => random.below(256));
    lab.ok(largeSet(listener, 7, bytes), configSet(listener, 1, random.below(0xffff)));
    // And in the next tick of the module behind the SSP port.
    lab.script.once = () => cold.read();
    const { payload } = lab.send(largeGet(listener, 7, bytes.length));
    expect(payload.subarray(0, bytes.length)).toEqual(bytes);
    // Through the proxy: what it tells, and what it refuses to be told.
    lab.ok(configGet([LIMITER, 0], 0));
    expect(lab.status(configSet([LIMITER, 0], 1, random.below(0x7fff)))).not.toBe(0);
    expect(coldReaders()).toEqual([`userspace_proxy${on(4)}`]);
  };

  steady.startWith(mixer);
  moving.start();
  for (const each of [...plain, victim, ...effects, capture]) each.start();
  lab.ok(setState(State.PAUSED, SSP_PIPELINE), setState(State.RUNNING, SSP_PIPELINE));
  pass(10);
  steady.steady = true;
  lab.notifications();
  options.window?.(true);

  const startedAt = position();
  const start = firmware.kernel.now;
  for (let round = 0; round < 3; round++) {
    talk();
    pass(random.between(1, 6000) / 1000);
    moving.pause();
    pass(random.between(1, 3000) / 1000);
    moving.release();
    talk();
    pass(random.between(1, 5000) / 1000);
    moving.stop();
    moving.destroy();
    pass(random.between(1, 3000) / 1000);
    moving.create(mixer);
    moving.start();
  }
  const bytesOfLink = ((firmware.kernel.now - start) / 400_000) * PERIOD;
  // Position of the link against time: to a period.
  expect(Math.abs(Number(position() - startedAt) - bytesOfLink)).toBeLessThanOrEqual(PERIOD);
  options.window?.(false);
  expect(lab.notifications()).toEqual([]);
  expect([...cold.readers].sort()).toEqual([
    `${locking === "kernel-ll" ? "ll_kernel" : "ll_thread"}${on(1)}`,
    `ll_user${on(3)}`,
  ]);

  // The host forgets one stream.
  pass(80, false);
  const events = lab.notifications();
  expect(events.length).toBeGreaterThan(0);
  for (const { primary, payload } of events) {
    const [type, id] = new Uint32Array(payload.slice(0, 8).buffer);
    expect([primary, type, id]).toEqual([RESOURCE_EVENT, 1, VICTIM]);
  }
  pass(20);

  expect([steady, moving, ...plain].flatMap(({ faults }) => faults)).toEqual([]);
  expect([capture, chain].flatMap(({ check }) => check.faults)).toEqual([]);
  for (const { framesHeard } of plain) expect(framesHeard).toBeGreaterThan(48 * 100);
  for (const { check } of [capture, chain]) expect(check.frames).toBeGreaterThan(48 * 90);
  const [near, far, isolated] = effects.map((effect) => effect.audio(4000));
  expect(near).toEqual(input.slice(0, 8000));
  expect(far).toEqual(input.slice(0, 8000));
  expect(isolated).toEqual(limited);

  for (const stream of [moving, steady, ...plain, victim, ...effects]) {
    stream.stop();
    stream.destroy();
  }
  mixer.stop();
  mixer.destroy();
  capture.end();
  chain.end();
  lab.ok(setState(State.PAUSED, SSP_PIPELINE), setState(State.RESET, SSP_PIPELINE));
  lab.ok(deletePipeline(SSP_PIPELINE), deletePipeline(TALK_PIPELINE));
  expect(coldReaders()).toEqual([]);
  lab.ok(unloadModules([LIMITER]), setDx(0b1_1110, 0));
  expect(firmware.libraryManager?.use).toMatchObject({ libraries: 0, dramBytes: 0, sramBytes: 0 });
  expect(firmware.resources).toEqual(off);
}
