import { type FirmwareOptions, HostStreams } from "../../src/index.js";
import { defaultModules } from "../../src/modules.js";
import { copier, gain, mixer, words, base } from "../payloads.js";
import { RawHost, type Received } from "../raw-host.js";
import {
  bind,
  createPipeline,
  type End,
  initInstance,
  type Message,
  setDx,
  setState,
  State,
} from "./messages.js";
import { Scripted, type ScriptedModule, ScriptedModules } from "./scripted-module.js";

/** Module ids of the base image. */
export const Id = { MIXIN: 2, MIXOUT: 3, COPIER: 4, PEAKVOL: 5, GAIN: 6 } as const;

const HDA_LINK_OUT = 0x0800;
const DMA_BYTES = 768;

/** A booted DSP with scripted modules in its image, and short ways to say common things to it. */
export class Lab {
  readonly host: RawHost;
  readonly modules = new ScriptedModules();

  /** The host's DMA streams. */
  readonly streams: HostStreams;

  constructor(options: FirmwareOptions = {}) {
    const modules = new Map([...defaultModules(), ...this.modules.drivers]);
    this.host = new RawHost({ modules, ...options });
    this.streams = new HostStreams(this.host.firmware.soc);
    this.host.boot();
  }

  /** Boots anew with other options, and the same locking strategy unless they name one. */
  with(options: FirmwareOptions): Lab {
    const { locking } = this.firmware.config;
    return new Lab({ ...options, config: { locking, ...options.config } });
  }

  get firmware(): RawHost["firmware"] {
    return this.host.firmware;
  }

  get script(): ScriptedModules["script"] {
    return this.modules.script;
  }

  /** @returns the reply */
  send(message: Message): Received {
    return this.host.send(message[0], message[1], message[2]);
  }

  /** @returns the status of the reply */
  status(message: Message): number {
    return this.send(message).primary & 0xff_ffff;
  }

  /** Sends what has to succeed. */
  ok(...messages: Message[]): void {
    for (const message of messages) {
      const status = this.status(message);
      if (status === 0) continue;
      const text = `0x${message[0].toString(16)}|0x${message[1].toString(16)}`;
      throw new Error(`${text} got status ${status}`);
    }
  }

  /** A scripted module in a pipeline. */
  scripted(instance: number, pipeline = 0, core = 0): End {
    const end: End = [Scripted.OBEDIENT, instance];
    this.ok(initInstance(end, pipeline, base40, { core }));
    return end;
  }

  /** The instance behind an end. */
  instance([module, instance]: End): ScriptedModule {
    const found = this.modules.instances.get((instance << 16) | module);
    if (found === undefined) throw new Error(`no instance ${module}:${instance}`);
    return found;
  }

  /** A pipeline of two connected scripted modules: instances 2 * id and 2 * id + 1. */
  pair(id: number, core = 0): readonly [End, End] {
    this.ok(createPipeline(id, { core }));
    const ends: readonly [End, End] = [
      this.scripted(2 * id, id, core),
      this.scripted(2 * id + 1, id, core),
    ];
    this.ok(bind(...ends));
    return ends;
  }

  /** As {@link pair}, brought to a state. */
  pairIn(state: "READY" | "RUNNING" | "PAUSED", id = 0, core = 0): readonly [End, End] {
    const ends = this.pair(id, core);
    this.ok(setState(State.PAUSED, id));
    if (state === "READY") return ends;
    this.ok(setState(State.RUNNING, id));
    if (state === "PAUSED") this.ok(setState(State.PAUSED, id));
    return ends;
  }

  /** A playback path on host stream and HD-A link `id`: copier, gain, copier. Instances as in {@link pair}. */
  playback(id: number, core = 0): void {
    const from: End = [Id.COPIER, 2 * id];
    const to: End = [Id.COPIER, 2 * id + 1];
    const volume: End = [Id.GAIN, id];
    this.ok(
      createPipeline(id, { core }),
      initInstance(from, id, copier(id, DMA_BYTES), { core }),
      initInstance(volume, id, gain(0x7fff_ffff), { core }),
      initInstance(to, id, copier(HDA_LINK_OUT | id, DMA_BYTES), { core }),
      bind(from, volume),
      bind(volume, to),
    );
  }

  /** Turns secondary cores on. */
  cores(...cores: number[]): void {
    const mask = cores.reduce((sum, core) => sum | (1 << core), 0);
    this.ok(setDx(mask, mask));
  }

  /** State of a pipeline as the firmware has it. */
  stateOf(id: number): string | undefined {
    return this.firmware.graph.pipeline(id)?.state;
  }

  /** Has the n-th allocation from now on fail, and all that follow it succeed. */
  failAllocation(n: number): void {
    this.firmware.heap.failAfter(n);
  }

  run(ms: number): void {
    this.host.run(ms);
  }

  /** Takes everything that the firmware has sent by itself so far; the last to come first waits no more. */
  notifications(): readonly Received[] {
    for (let quiet = 0; quiet < 3;) {
      const message = this.host.take();
      if (message === null) quiet++;
      else this.host.notifications.push(message);
      this.host.run(0.1);
    }
    return this.host.notifications.splice(0);
  }

  /** Has a module say something in its next period. */
  say(what: NonNullable<Lab["script"]["once"]>): void {
    this.script.once = what;
    this.host.run(1.5);
  }
}

/** 32-bit words at the start of a payload. */
export const wordsOf = ({ payload }: Received, count: number): number[] => [
  ...new Uint32Array(payload.slice(0, 4 * count).buffer),
];

/** 40 bytes of base configuration: 1 ms of 48 kHz stereo in 32 bits. */
export const base40 = words(base);
export { mixer };
