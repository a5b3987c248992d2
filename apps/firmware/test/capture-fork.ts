import type { HostStreams } from "../src/index.js";
import { CountCheck, Counter } from "./counting.js";
import { audioFormat, copier, words } from "./payloads.js";
import { Id, type Lab } from "./protocol/lab.js";
import {
  bind,
  createPipeline,
  deleteInstance,
  deletePipeline,
  type End,
  initInstance,
  largeSet,
  setState,
  State,
  unbind,
} from "./protocol/messages.js";

const PERIOD = 384;
const RING = PERIOD * 128;
const HDA_LINK_IN = 0x0900;
const HOST_CAPTURE = 0x0100;
const NO_GATEWAY = 0xffff_ffff;
const SET_SINK_FORMAT = 2;
const S32 = audioFormat(48_000, 2, 32, 32);
const FORMAT = { rate: 48_000, channels: 2, containerBits: 32, validBits: 32 } as const;

/** How a branch goes away. */
export const ways = ["unbind first", "delete the pipeline", "delete the module"] as const;
export type Way = (typeof ways)[number];

/** Where a capture stream forks: at the copier of its link, or at one between modules behind it. */
export const forkPoints = ["link copier", "module copier"] as const;
export type ForkPoint = (typeof forkPoints)[number];

/** One way out of a fork: a pipeline with a host copier, and the host that reads its ring. */
export class CaptureBranch {
  readonly check = new CountCheck();
  private readonly lab: Lab;
  private readonly fork: End;
  private readonly pipeline: number;
  private readonly core: number;
  private readonly end: End;
  private stream: ReturnType<HostStreams["allocate"]> = null;
  private read = 0;

  constructor(lab: Lab, fork: End, queue: number, pipeline: number, core: number) {
    this.lab = lab;
    this.fork = [fork[0], fork[1], queue];
    this.pipeline = pipeline;
    this.core = core;
    this.end = [Id.COPIER, pipeline];
  }

  create(): void {
    const { lab, pipeline, core, fork, end } = this;
    const stream = lab.streams.allocate("capture");
    if (stream === null) throw new Error("no host stream is left");
    this.stream = stream;
    stream.configure({ bufferBytes: RING, periodBytes: PERIOD, format: FORMAT });
    lab.ok(
      createPipeline(pipeline, { core }),
      initInstance(end, pipeline, copier(HOST_CAPTURE | (stream.tag - 1), 768), { core }),
      largeSet(fork, SET_SINK_FORMAT, words([fork[2] ?? 0, ...S32, ...S32])),
      bind(fork, end),
    );
    this.check.restart();
    this.read = 0;
  }

  start(): void {
    this.stream?.start();
    this.lab.ok(setState(State.PAUSED, this.pipeline), setState(State.RUNNING, this.pipeline));
  }

  pause(): void {
    this.lab.ok(setState(State.PAUSED, this.pipeline));
  }

  release(): void {
    this.check.allowGap();
    this.lab.ok(setState(State.RUNNING, this.pipeline));
  }

  stop(): void {
    this.lab.ok(setState(State.PAUSED, this.pipeline), setState(State.RESET, this.pipeline));
    this.feed();
    this.stream?.stop();
  }

  destroy(way: Way): void {
    const { lab, fork, end, pipeline } = this;
    if (way === "unbind first") lab.ok(unbind(fork, end));
    if (way === "delete the module") lab.ok(deleteInstance(end));
    lab.ok(deletePipeline(pipeline));
    this.stream?.release();
    this.stream = null;
  }

  /** Looks at what has come. */
  feed(): void {
    const { stream } = this;
    if (stream === null) return;
    const bytes = new Uint8Array(PERIOD);
    while (stream.position() - this.read >= PERIOD) {
      stream.read(this.read % RING, bytes);
      this.check.look(bytes, 0, PERIOD);
      this.read += PERIOD;
    }
  }
}

/** A capture link that counts, with a copier at which its stream forks, in a pipeline of its own. */
export class CaptureTrunk {
  readonly fork: End;
  readonly pipeline: number;
  private readonly lab: Lab;
  private readonly core: number;
  private readonly point: ForkPoint;
  private readonly link: number;
  private readonly from: End;

  /** @param link of the links that capture */
  constructor(lab: Lab, point: ForkPoint, core: number, link = 0) {
    this.lab = lab;
    this.core = core;
    this.point = point;
    this.link = link;
    this.pipeline = 20 + 8 * link;
    this.from = [Id.COPIER, this.pipeline];
    this.fork = point === "link copier" ? this.from : [Id.COPIER, this.pipeline + 7];
  }

  /** A way out of the fork, by its output queue. */
  branch(queue: number, core: number): CaptureBranch {
    return new CaptureBranch(this.lab, this.fork, queue, this.pipeline + 1 + queue, core);
  }

  create(): void {
    const { lab, core, pipeline, point, fork, from } = this;
    const link = lab.firmware.soc.gateways.get("hda", this.link, "capture");
    link.configure({ rateHz: 48_000, channels: 2, containerBytes: 4 });
    const counter = new Counter();
    link.source = {
      read: (into, offset, length) => {
        counter.write(into, offset, length);
        return length;
      },
    };
    lab.ok(
      createPipeline(pipeline, { core }),
      initInstance(from, pipeline, copier(HDA_LINK_IN | this.link, 768), { core }),
    );
    if (point === "link copier") return;
    lab.ok(initInstance(fork, pipeline, copier(NO_GATEWAY, 0), { core }), bind(from, fork));
  }

  start(): void {
    this.lab.ok(setState(State.PAUSED, this.pipeline), setState(State.RUNNING, this.pipeline));
  }

  stop(): void {
    this.lab.ok(setState(State.PAUSED, this.pipeline), setState(State.RESET, this.pipeline));
  }

  destroy(): void {
    this.lab.ok(deletePipeline(this.pipeline));
  }
}
