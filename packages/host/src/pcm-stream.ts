import { EBADF } from "@sof-ts/kit";
import type { DriverServices } from "./driver-services.js";
import { FirstError } from "./first-error.js";
import { HostError, withContext } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import type { PcmPath } from "./path.js";
import { checkParams, type PcmParams } from "./pcm-params.js";
import type { StreamDirection } from "./ports.js";
import { StreamResources } from "./stream-resources.js";
import type { StreamRing } from "./stream-ring.js";
import type { TriggerCommand } from "./trigger.js";

/** States of a stream, ALSA's. */
export type PcmState =
  | "open"
  | "setup"
  | "prepared"
  | "running"
  | "paused"
  | "suspended"
  | "closed";

/** What else a stream may be told with its parameters. */
export interface PcmStreamOptions {
  /**
   * The host DMA stops where the application has got to (HD Audio's SPIB). Without it the DMA goes round the
   * ring whatever is in it, as ALSA's classic model has it; {@link PcmStream.overrun} then tells.
   */
  readonly limitDma: boolean;
}

/** The states that a command is allowed in, and the one it leads to. */
const transitions: Readonly<
  Record<TriggerCommand, { readonly from: PcmState; readonly to: PcmState }>
> = {
  start: { from: "prepared", to: "running" },
  resume: { from: "suspended", to: "running" },
  pauseRelease: { from: "paused", to: "running" },
  stop: { from: "running", to: "setup" },
  suspend: { from: "running", to: "suspended" },
  pausePush: { from: "running", to: "paused" },
};

/**
 * A direction of a PCM, with the verbs that ALSA calls a driver with. Operations that talk to the firmware
 * are host tasks; moving data is plain. Failures are `HostError`s that name the PCM.
 */
export class PcmStream {
  readonly path: PcmPath;
  state: PcmState = "open";
  /** What {@link hwParams} took; null before. */
  params: PcmParams | null = null;
  private readonly services: DriverServices;
  private readonly onClose: (stream: PcmStream) => void;
  private limitDma = true;
  /** Null while nothing is set up. */
  private resources: StreamResources | null = null;
  /** The stream was stopped since it was set up. */
  private wasStopped = false;

  constructor(services: DriverServices, path: PcmPath, onClose: (stream: PcmStream) => void) {
    this.services = services;
    this.path = path;
    this.onClose = onClose;
  }

  /** Name of the PCM. */
  get name(): string {
    return this.path.pcm.name;
  }

  get direction(): StreamDirection {
    return this.path.direction;
  }

  /** Tag of the host DMA stream; null while there is none. */
  get streamTag(): number | null {
    return this.resources?.dma.tag ?? null;
  }

  /**
   * Sets parameters and makes the stream's modules. Calling it again resets the pipelines first, and makes
   * everything anew when the parameters are others.
   *
   * @throws HostError for parameters that the PCM or a module of its path cannot take, without a free DMA
   * stream or link, or what the firmware answers; nothing is set up then
   */
  *hwParams(params: PcmParams, options: PcmStreamOptions = { limitDma: true }): HostTask<void> {
    yield* this.inContext(this.setParams(params, options.limitDma));
  }

  /** Makes the stream ready to start; after a suspend everything is set up again. */
  *prepare(): HostTask<void> {
    yield* this.inContext(this.makeReady());
  }

  /**
   * Starts, stops, pauses or suspends. A paused stream that is to stop goes on first, as ALSA does it. After
   * a start that failed the stream is stopped.
   */
  *trigger(command: TriggerCommand): HostTask<void> {
    yield* this.inContext(this.doTrigger(command));
  }

  /**
   * Stops what runs, resets the pipelines and gives everything back, to the end also when the firmware
   * refuses on the way.
   *
   * @throws HostError the first failure
   */
  *hwFree(): HostTask<void> {
    yield* this.inContext(this.giveBack("stop"));
  }

  /** Closes the stream, freeing what is still set up. */
  *close(): HostTask<void> {
    if (this.state === "closed") return;
    try {
      yield* this.inContext(this.giveBack("stop"));
    } finally {
      this.state = "closed";
      this.onClose(this);
    }
  }

  /**
   * Takes apart what the firmware has and keeps the parameters, for a suspend of the system or a reboot of
   * the DSP; {@link prepare} sets everything up again.
   */
  *tearDown(): HostTask<void> {
    yield* this.inContext(this.giveBack("suspend"));
  }

  /** Copies playback data into the ring. @returns bytes taken, whole frames; 0 when it is full */
  write(data: Uint8Array): number {
    return this.ring.write(data);
  }

  /** Copies captured data out of the ring. @returns bytes given, whole frames; 0 when there are none */
  read(into: Uint8Array): number {
    return this.ring.read(into);
  }

  /** Bytes that can be written or read now. */
  get available(): number {
    return this.ring.available;
  }

  /** Total bytes that the host DMA has moved since the parameters were set. */
  get position(): number {
    return this.ring.hardware;
  }

  /** Total bytes written or read since the parameters were set. */
  get applicationPosition(): number {
    return this.ring.applied;
  }

  /** Whether an unlimited DMA played what was not written, or recorded over what was not read. */
  get overrun(): boolean {
    return this.ring.overrun;
  }

  /** Waits until `bytes` can be written or read, serving the firmware's messages. @returns whether they can */
  *waitAvailable(bytes: number, timeoutUs: number): HostTask<boolean> {
    const { link, ipc } = this.services;
    const deadline = link.nowUs() + timeoutUs;
    for (;;) {
      ipc.service();
      if (this.available >= bytes) return true;
      const left = deadline - link.nowUs();
      if (left <= 0) return false;
      yield { kind: "irq", timeoutUs: Math.min(left, this.periodUs) };
    }
  }

  /**
   * Frames between what the host DMA has moved and what is heard (or was recorded): ALSA's extra delay. Reads
   * the firmware's registers, or the hardware where the link tells its position itself.
   *
   * @returns frames, never negative; null while the link's position is not known
   */
  delayFrames(): number | null {
    return this.resources?.delayFrames() ?? null;
  }

  private get ring(): StreamRing {
    if (this.resources !== null) return this.resources.ring;
    throw withContext(this.badState("is not set up"), this.context);
  }

  private get context() {
    return { pcm: this.name, direction: this.direction };
  }

  private get periodUs(): number {
    const { params } = this;
    return params === null ? 1000 : Math.ceil((params.periodFrames * 1e6) / params.rate);
  }

  private *setParams(params: PcmParams, limitDma: boolean): HostTask<void> {
    if (!["open", "setup", "prepared", "suspended"].includes(this.state)) {
      throw this.badState(`is ${this.state}`);
    }
    checkParams(params, this.path.stream);
    if (this.resources !== null) {
      if (sameParams(params, this.params) && limitDma === this.limitDma) {
        yield* this.resources.reset();
        this.state = "setup";
        return;
      }
      yield* this.giveBack("stop");
    }
    this.limitDma = limitDma;
    this.params = null;
    this.state = "open";
    yield* this.setUp(params);
    this.params = params;
    this.state = "setup";
  }

  private *setUp(params: PcmParams): HostTask<void> {
    const { services, path, limitDma } = this;
    this.resources = yield* StreamResources.take(services, path, params, limitDma);
    this.wasStopped = false;
  }

  private *makeReady(): HostTask<void> {
    const { params } = this;
    if (params === null) throw this.badState("has no parameters");
    if (!["setup", "prepared", "suspended"].includes(this.state)) {
      throw this.badState(`is ${this.state}`);
    }
    const rebuild = this.services.options.prepareAfterStop === "rebuild";
    if (this.wasStopped && rebuild) yield* this.giveBack("suspend");
    if (this.resources === null) yield* this.setUp(params);
    else if (this.state !== "prepared") this.resources.ring.rewind();
    this.state = "prepared";
  }

  private *doTrigger(command: TriggerCommand): HostTask<void> {
    if (command === "stop" && this.state === "paused") yield* this.doTrigger("pauseRelease");
    const { from, to } = transitions[command];
    if (this.state !== from) throw this.badState(`is ${this.state}, not ${from}`, command);
    const { resources } = this;
    if (resources === null) throw this.badState("is not set up", command);
    try {
      yield* resources.trigger(command);
    } catch (error) {
      if (command === "start" || command === "resume") yield* this.undoStart(resources);
      throw error;
    }
    if (command === "stop") this.wasStopped = true;
    this.state = to;
  }

  private *undoStart(resources: StreamResources): HostTask<void> {
    yield* new FirstError(this.services.ipc).attempt(resources.trigger("stop"));
    this.wasStopped = true;
    this.state = "setup";
  }

  /** @param how `"suspend"` keeps the parameters */
  private *giveBack(how: "stop" | "suspend"): HostTask<void> {
    const errors = new FirstError(this.services.ipc);
    const { resources } = this;
    if (this.state === "running") yield* errors.attempt(this.doTrigger(how));
    // ALSA lets a paused stream go on before it stops it, and does not touch it for a suspend.
    else if (this.state === "paused" && how === "stop") yield* errors.attempt(this.doTrigger(how));
    if (resources !== null) yield* resources.free(errors);
    this.resources = null;
    this.wasStopped = false;
    if (how === "stop") {
      this.params = null;
      this.state = "open";
    } else if (this.params !== null) {
      this.state = "suspended";
    }
    errors.rethrow();
  }

  private *inContext(task: HostTask<void>): HostTask<void> {
    try {
      yield* task;
    } catch (error) {
      throw withContext(error, this.context);
    }
  }

  private badState(why: string, command?: string): HostError {
    const what = command === undefined ? "" : `${command}: `;
    return new HostError(`${what}the stream ${why}`, { errno: EBADF });
  }
}

function sameParams(a: PcmParams, b: PcmParams | null): boolean {
  return (
    b !== null &&
    a.rate === b.rate &&
    a.channels === b.channels &&
    a.format === b.format &&
    a.periodFrames === b.periodFrames &&
    a.bufferFrames === b.bufferFrames
  );
}
