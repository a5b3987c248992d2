import { EBUSY } from "@sof-ts/kit";
import { PipelineState } from "@sof-ts/ipc4";
import type { Link, Widget } from "@sof-ts/topology";
import {
  type BackEndParams,
  type BlobSources,
  daiTypeOf,
  fixUpBackEnd,
  passThrough,
} from "./backend-params.js";
import { HostError } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import type { StreamParams } from "./pcm-params.js";
import type { PipelineControl } from "./pipeline-control.js";
import type { DaiType, LinkControl, LinkStream, StreamDirection } from "./ports.js";
import type { PipelineUse } from "./widget-state.js";

/** What the set-up of a DAI copier needs of its back end. */
export interface BackEndSetup {
  readonly type: DaiType;
  readonly index: number;
  readonly direction: StreamDirection;
  /** Channels on the link. */
  readonly channels: number;
  /** One for each endpoint. */
  readonly streams: readonly LinkStream[];
  readonly blob: Uint8Array | null;
}

/** What one front end does with the back end. */
type UserState = "set up" | "running" | "paused";

type LinkState = "stopped" | "running" | "paused";

/**
 * A back-end link in one direction (ALSA's dynamic PCM): the streams of one or more front ends run through
 * it. It is set up by the first and started by the first that starts; it pauses and stops with the last.
 * Where the host drives the link's DMA, the back end also changes the state of the DAI copier's pipeline.
 */
export class BackEnd {
  /** The DAI copier that is set up in the firmware. */
  readonly dai: Widget;
  private readonly link: Link | undefined;
  private readonly endpoints: readonly Widget[];
  private readonly pipeline: PipelineUse;
  private readonly pipelines: PipelineControl;
  private readonly links: LinkControl;
  private readonly sources: BlobSources;
  private readonly users = new Map<object, UserState>();
  private configured: { readonly params: BackEndParams; readonly setup: BackEndSetup } | null =
    null;
  private state: LinkState = "stopped";

  /** @param endpoints DAI copiers that make one stream; `dai` is one of them */
  constructor(
    parts: {
      readonly dai: Widget;
      readonly link: Link | undefined;
      readonly endpoints: readonly Widget[];
      readonly pipeline: PipelineUse;
    },
    services: {
      readonly pipelines: PipelineControl;
      readonly links: LinkControl;
      readonly sources: BlobSources;
    },
  ) {
    this.dai = parts.dai;
    this.link = parts.link;
    this.endpoints = parts.endpoints;
    this.pipeline = parts.pipeline;
    this.pipelines = services.pipelines;
    this.links = services.links;
    this.sources = services.sources;
  }

  /** What the link would carry for a front end, without setting anything up. */
  paramsFor(frontEnd: StreamParams): StreamParams {
    return (this.configured?.params ?? this.fixUp(frontEnd)).params;
  }

  /**
   * Joins a front end; the first one decides what the link carries.
   *
   * @throws HostError EINVAL when the link cannot carry it, EBUSY when no link stream is free
   */
  setUp(user: object, frontEnd: StreamParams): BackEndSetup {
    this.configured ??= this.configure(frontEnd);
    if (!this.users.has(user)) this.users.set(user, "set up");
    return this.configured.setup;
  }

  /** Parts with a front end; after the last one the link streams are free. */
  free(user: object): void {
    if (!this.users.delete(user) || this.users.size > 0 || this.configured === null) return;
    for (const stream of this.configured.setup.streams) stream.release();
    this.configured = null;
    this.state = "stopped";
  }

  /** A front end starts, or goes on after a pause. */
  *start(user: object): HostTask<void> {
    this.users.set(user, "running");
    yield* this.follow();
  }

  /** A front end pauses. */
  *pause(user: object): HostTask<void> {
    this.users.set(user, "paused");
    yield* this.follow();
  }

  /** A front end stops. */
  *stop(user: object): HostTask<void> {
    this.users.set(user, "set up");
    yield* this.follow();
  }

  /**
   * A front end goes without having stopped: it was paused, or its stop was refused. When it was the last one
   * the link stops; its pipeline gets no message.
   */
  abandon(user: object): void {
    if (!this.users.has(user)) return;
    this.users.set(user, "set up");
    if (this.state === "stopped" || this.wanted !== "stopped") return;
    this.state = "stopped";
    this.halt();
  }

  /** Bytes that the link has moved, or null where the host cannot tell. */
  linkPosition(): number | null {
    return this.configured?.setup.streams[0]?.position() ?? null;
  }

  /** The format that the link carries; null before set-up. */
  get params(): BackEndParams | null {
    return this.configured?.params ?? null;
  }

  private configure(frontEnd: StreamParams): {
    readonly params: BackEndParams;
    readonly setup: BackEndSetup;
  } {
    const type = daiTypeOf(this.dai);
    const index = this.dai.dai?.index ?? 0;
    const direction = this.dai.dai?.direction ?? "playback";
    const params = this.fixUp(frontEnd);
    const streams: LinkStream[] = [];
    for (const [endpoint, widget] of this.endpoints.entries()) {
      const stream = this.links.allocate({
        type,
        index: widget.dai?.index ?? 0,
        link: this.dai.streamName,
        direction,
        endpoint,
        format: { ...params.params, containerBits: params.containerBits },
      });
      if (stream === null) {
        for (const taken of streams) taken.release();
        throw new HostError(`no link stream is free for ${this.dai.streamName}`, {
          errno: EBUSY,
          widget: widget.name,
        });
      }
      streams.push(stream);
    }
    const { channels } = params.params;
    return { params, setup: { type, index, direction, channels, streams, blob: params.blob } };
  }

  private fixUp(frontEnd: StreamParams): BackEndParams {
    if (this.pipeline.pipeline.chainDma) return passThrough(frontEnd);
    return fixUpBackEnd(this.dai, this.link, frontEnd, this.sources);
  }

  /** Brings the link to the state that its front ends ask for together. */
  private *follow(): HostTask<void> {
    const { wanted, state: before } = this;
    if (wanted === before) return;
    this.state = wanted;
    if (wanted === "running") yield* this.startLink(before);
    else yield* this.stopLink(wanted);
  }

  private get wanted(): LinkState {
    const states = [...this.users.values()];
    if (states.includes("running")) return "running";
    return states.includes("paused") ? "paused" : "stopped";
  }

  private *startLink(before: LinkState): HostTask<void> {
    for (const stream of this.configured?.setup.streams ?? []) stream.start();
    const { pipeline } = this;
    if (!pipeline.backEndDriven) return;
    if (before === "stopped") {
      if (pipeline.wireState !== PipelineState.PAUSED) {
        yield* this.pipelines.setState([pipeline], PipelineState.PAUSED);
      }
      yield* this.pipelines.setState([pipeline], PipelineState.RUNNING);
      pipeline.startedCount++;
      return;
    }
    yield* this.pipelines.setState([pipeline], PipelineState.RUNNING);
  }

  private *stopLink(wanted: "paused" | "stopped"): HostTask<void> {
    const { pipeline } = this;
    try {
      if (pipeline.backEndDriven) {
        yield* this.pipelines.setState([pipeline], PipelineState.PAUSED);
      }
    } finally {
      if (wanted === "stopped") this.halt();
      else this.stopStreams();
    }
  }

  /** Stops the link for good: its pipeline counts as not started, so that it can be reset. */
  private halt(): void {
    if (this.pipeline.backEndDriven) this.pipeline.startedCount = 0;
    this.stopStreams();
  }

  private stopStreams(): void {
    for (const stream of this.configured?.setup.streams ?? []) stream.stop();
  }
}
