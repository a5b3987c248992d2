import type { HostStreams } from "../src/index.js";
import { base, copier, words } from "./payloads.js";
import { Id, type Lab } from "./protocol/lab.js";
import {
  bind,
  createPipeline,
  deletePipeline,
  type End,
  initInstance,
  type Message,
  setState,
  State,
  unbind,
} from "./protocol/messages.js";

const HDA_LINK_OUT = 0x0800;
const PERIOD = 384;
const FRAME = 8;

/** How the module in the middle of a stream is made. */
export interface EffectOptions {
  readonly core?: number;
  /** Core of the module alone; that of the stream unless given. */
  readonly effectCore?: number;
  readonly dataProcessing?: boolean;
  /** Bytes per run of the module; a millisecond unless given. */
  readonly blockBytes?: number;
  /** What follows the base configuration in the module's init payload. */
  readonly tail?: readonly number[];
  /** What stands in the words of the init payload that the firmware does not use: cpc and pages. */
  readonly words?: readonly [number, number];
}

/** A playback path with a module of one input and one output between two copiers, and what its link heard. */
export class EffectStream {
  readonly heard: number[] = [];
  readonly effect: End;
  private readonly lab: Lab;
  private readonly id: number;
  private readonly options: EffectOptions;
  private stream: ReturnType<HostStreams["allocate"]> = null;

  constructor(lab: Lab, id: number, effect: End, options: EffectOptions = {}) {
    this.lab = lab;
    this.id = id;
    this.effect = effect;
    this.options = options;
  }

  private get ends(): readonly [End, End] {
    return [
      [Id.COPIER, 2 * this.id],
      [Id.COPIER, 2 * this.id + 1],
    ];
  }

  /** Makes everything but the module itself succeed. @returns the status of the module's INIT_INSTANCE */
  create(samples: Int32Array): number {
    const { lab, id, effect, options } = this;
    const { core = 0, dataProcessing = false, blockBytes = PERIOD } = options;
    const [from, to] = this.ends;
    const stream = lab.streams.allocate("playback");
    if (stream === null) throw new Error("no host stream is left");
    this.stream = stream;
    const bufferBytes = Math.ceil(samples.byteLength / PERIOD) * PERIOD;
    const format = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 };
    stream.configure({ bufferBytes, periodBytes: PERIOD, format });
    stream.write(0, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    stream.setApplicationPosition(samples.byteLength);
    const link = lab.firmware.soc.gateways.get("hda", id, "playback");
    link.sink = {
      write: (bytes, offset, length) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
        for (let at = 0; at < length; at += 4) this.heard.push(view.getInt32(at, true));
      },
    };
    lab.ok(
      createPipeline(id, { core }),
      initInstance(from, id, copier(stream.tag - 1, 2 * PERIOD), { core }),
    );
    const [cpc, pages] = options.words ?? [0, 0];
    const payload = words([
      cpc,
      blockBytes,
      blockBytes,
      pages,
      ...base.slice(4),
      ...(options.tail ?? []),
    ]);
    const status = lab.status(
      initInstance(effect, id, payload, { core: options.effectCore ?? core, dataProcessing }),
    );
    lab.ok(initInstance(to, id, copier(HDA_LINK_OUT | id, 2 * PERIOD), { core }));
    if (status === 0) lab.ok(bind(from, effect), bind(effect, to));
    return status;
  }

  start(): void {
    expectStatus(this.tryStart());
  }

  stop(): void {
    expectStatus(this.tryStop());
  }

  destroy(): void {
    expectStatus(this.tryDestroy());
  }

  /** @returns the worst status of its messages */
  tryStart(): number {
    this.heard.length = 0;
    const status = this.all(setState(State.PAUSED, this.id), setState(State.RUNNING, this.id));
    this.stream?.start();
    return status;
  }

  /** @returns the worst status of its messages */
  tryStop(): number {
    const status = this.all(setState(State.PAUSED, this.id), setState(State.RESET, this.id));
    this.stream?.stop();
    return status;
  }

  /** @returns the worst status of its messages */
  tryDestroy(): number {
    const { lab, id, effect } = this;
    const [from, to] = this.ends;
    const status = this.all(unbind(from, effect), unbind(effect, to), deletePipeline(id));
    this.stream?.release();
    this.stream = null;
    lab.firmware.soc.gateways.get("hda", id, "playback").sink = null;
    return status;
  }

  private all(...messages: readonly Message[]): number {
    return Math.max(...messages.map((message) => this.lab.status(message)));
  }

  /** What was heard from the first frame that is not silent on, `frames` of them. */
  audio(frames: number): Int32Array {
    const first = this.heard.findIndex((sample) => sample !== 0);
    const start = Math.max(0, first - (first % 2));
    return Int32Array.from(this.heard.slice(start, start + frames * (FRAME / 4)));
  }
}

function expectStatus(status: number): void {
  if (status !== 0) throw new Error(`status ${status}`);
}

/** Loud stereo noise that begins with a sample that is not 0. */
export function loudNoise(frames: number): Int32Array {
  const out = new Int32Array(2 * frames);
  let state = 1;
  for (let i = 0; i < out.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    out[i] = state | 1;
  }
  return out;
}
