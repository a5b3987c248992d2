import { checkDeterminism, formatViolation } from "@sof-ts/explorer";
import type { Chooser } from "@sof-ts/kernel";
import { expect, it } from "vitest";
import { type FirmwareConfig, type FirmwareOptions, HostStreams } from "../src/index.js";
import { EffectStream, type EffectOptions, loudNoise } from "./effect-stream.js";
import { keys, makeLibrary, sendLibrary } from "./library.js";
import { MixedSource, NumberedMixer } from "./mixed-streams.js";
import { copier, gain } from "./payloads.js";
import { Id, Lab } from "./protocol/lab.js";
import {
  bind,
  createPipeline,
  deletePipeline,
  type End,
  initInstance,
  setState,
  State,
} from "./protocol/messages.js";
import { RawHost } from "./raw-host.js";
import { run, setCore } from "./stream.js";

/** Cycles per millisecond. */
const MS = 400_000;

/** What threads wait for, for ever, when there is nothing to do. */
const idleWaits = new Set(["ipc requested", "core faulted"]);
const idle = (name: string): boolean =>
  idleWaits.has(name) || /^ll_tick\d$|^ipc_user\d start$/.test(name);

const tenMs = {
  dataProcessing: true,
  blockBytes: 3840,
  tail: [0xffff_ffff, 0x7fff_ffff, 0, 0, 0, 0],
} satisfies EffectOptions;

/** Two sources of cores 0 and 1 in one mixer; the first stops and starts again. */
function mix(options: Pick<FirmwareOptions, "checked" | "chooser">, ms: number): RawHost {
  const host = new RawHost({ config: { platform: "ptl" }, ...options });
  host.boot();
  setCore(host, 1, true);
  const streams = new HostStreams(host.firmware.soc);
  const mixer = new NumberedMixer(host, 0, 0);
  mixer.create();
  const second = new MixedSource(host, streams, 1, 1, 1);
  second.create(mixer);
  const first = new MixedSource(host, streams, 0, 0, 0);
  first.create(mixer);
  second.startWith(mixer);
  first.start();
  run(host, ms, [first, second]);
  first.stop();
  first.destroy();
  first.create(mixer);
  first.start();
  run(host, ms, [first, second]);
  expect([...first.faults, ...second.faults]).toEqual([]);
  for (const stream of [first, second]) {
    stream.stop();
    stream.destroy();
  }
  mixer.stop();
  mixer.destroy();
  return host;
}

/** Two links of cores 0 and 1 recorded at once, the second of which stops and starts again. */
function capture(locking: FirmwareConfig["locking"]): RawHost {
  const lab = new Lab({ config: { platform: "ptl", locking }, checked: true });
  lab.cores(1);
  const streams = [0, 1].map((id) => {
    const link = lab.firmware.soc.gateways.get("hda", id, "capture");
    link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    let frame = 0;
    link.source = {
      read: (into, offset, length) => {
        const samples = new DataView(into.buffer, into.byteOffset + offset, length);
        for (let at = 0; at < length; at += 4) samples.setInt32(at, ++frame, true);
        return length;
      },
    };
    const stream = lab.streams.allocate("capture");
    if (stream === null) throw new Error("no host stream is left");
    const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
    stream.configure({ bufferBytes: 384 * 64, periodBytes: 384, format });
    const [from, volume, to]: End[] = [
      [Id.COPIER, 2 * id],
      [Id.GAIN, id],
      [Id.COPIER, 2 * id + 1],
    ];
    lab.ok(
      createPipeline(id, { core: id }),
      initInstance(from as End, id, copier(0x0900 | id, 768), { core: id }),
      initInstance(volume as End, id, gain(0x7fff_ffff), { core: id }),
      initInstance(to as End, id, copier(0x0100 | (stream.tag - 1), 768), { core: id }),
      bind(from as End, volume as End),
      bind(volume as End, to as End),
    );
    return stream;
  });
  const recorded = (id: number): readonly number[] => {
    const bytes = new Uint8Array(384 * 64);
    streams[id]?.read(0, bytes);
    return [...new Int32Array(bytes.buffer)];
  };
  for (const [id, stream] of streams.entries()) {
    lab.ok(setState(State.PAUSED, id), setState(State.RUNNING, id));
    stream.start();
  }
  lab.run(30);
  lab.ok(setState(State.PAUSED, 1), setState(State.RESET, 1));
  lab.ok(setState(State.PAUSED, 1), setState(State.RUNNING, 1));
  lab.run(30);
  // Everything that came over the link, in order.
  const heard = recorded(0).filter((sample) => sample !== 0);
  expect(heard.length).toBeGreaterThan(48 * 2 * 40);
  const first = heard[0] as number;
  expect(heard.findIndex((sample, i) => sample !== first + i)).toBe(-1);
  for (const [id, stream] of streams.entries()) {
    lab.ok(setState(State.PAUSED, id), setState(State.RESET, id), deletePipeline(id));
    stream.stop();
    stream.release();
  }
  return lab.host;
}

/** Noise through one module; with a library when the module is one's. */
function effect(config: Partial<FirmwareConfig>, module: number, options: EffectOptions): RawHost {
  const library = module >= 0x1000;
  const lab = new Lab({ config, checked: true, ...(library ? { libraryKeys: keys } : {}) });
  if (library) expect(sendLibrary(lab, makeLibrary(), 1)).toEqual([0, 0]);
  if (options.effectCore !== undefined) lab.cores(options.effectCore);
  const stream = new EffectStream(lab, 0, [module, 0], options);
  expect(stream.create(loudNoise(2400))).toBe(0);
  stream.start();
  lab.run(60);
  expect(stream.audio(1000)).toHaveLength(2000);
  stream.stop();
  stream.destroy();
  return lab.host;
}

it.each([
  ["a mixer shared across cores", () => mix({ checked: true }, 10)],
  ["two links recorded", () => capture("user-ll")],
  ["two links recorded in kernel mode", () => capture("kernel-ll")],
  ["two links recorded with a lock per component", () => capture("component-mutex")],
  ["data processing on core 0", () => effect({}, Id.GAIN, tenMs)],
  ["data processing on another core", () => effect({}, Id.GAIN, { ...tenMs, effectCore: 1 })],
  ["data processing in kernel mode", () => effect({ locking: "kernel-ll" }, Id.GAIN, tenMs)],
  ["a library's module behind the proxy", () => effect({}, 0x1000, {})],
  [
    "a library's module without the proxy",
    () => effect({ CONFIG_SOF_USERSPACE_PROXY: false }, 0x1000, {}),
  ],
] as const)("a checked stream breaks no rule: %s", (_what, play) => {
  const { checks, kernel } = play().firmware;
  expect(checks).not.toBeNull();
  // Long enough for every thread to be back where it waits for work; anybody who waits elsewhere is stuck.
  kernel.run(kernel.now + 5 * MS);
  checks?.finish(({ pendedOn }) => idle(pendedOn?.object?.name ?? ""));
  expect(checks?.violations.map(formatViolation)).toEqual([]);
});

it("asks the choice port for the kernel's two orders and nothing else", () => {
  const asked = new Set<string>();
  const chooser: Chooser = {
    choose(kind, count) {
      expect(count).toBeGreaterThan(1);
      asked.add(kind);
      return 0;
    },
  };
  mix({ chooser }, 3);
  expect(asked.has("step")).toBe(true);
  expect([...asked].filter((kind) => kind !== "step" && kind !== "irq")).toEqual([]);
});

it("is the same run, decision by decision, when the choices are the same", () => {
  const schedule = Array.from({ length: 400 }, (_, i) => (i % 7 === 3 ? 1 : 0));
  const ends: number[] = [];
  checkDeterminism((chooser) => {
    const { kernel } = mix({ chooser }, 3).firmware;
    ends.push(kernel.now);
  }, schedule);
  expect(ends).toHaveLength(2);
  expect(ends[0]).toBe(ends[1]);
});
