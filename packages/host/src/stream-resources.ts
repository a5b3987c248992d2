import { EBUSY, EINVAL } from "@sof-ts/kit";
import type { Widget } from "@sof-ts/topology";
import type { BackEndSetup } from "./back-end.js";
import { ChainDma } from "./chain-dma.js";
import type { DriverServices } from "./driver-services.js";
import type { FirstError } from "./first-error.js";
import { HostError } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import { readLinkPosition, readStreamStart } from "./link-position.js";
import type { PcmPath } from "./path.js";
import { frameBytes, type PcmParams, streamFormat, streamParams } from "./pcm-params.js";
import type { HostDmaStream } from "./ports.js";
import { requireModules, StreamGraph } from "./stream-graph.js";
import { StreamRing } from "./stream-ring.js";
import type { TriggerCommand } from "./trigger.js";

/**
 * All that a stream holds between `hw_params` and `hw_free`: host DMA stream and ring, back ends, and in the
 * firmware either modules and pipelines or a DMA chain.
 */
export class StreamResources {
  readonly dma: HostDmaStream;
  readonly ring: StreamRing;
  private readonly services: DriverServices;
  private readonly path: PcmPath;
  private readonly params: PcmParams;
  private readonly graph: StreamGraph;
  private chain: ChainDma | null = null;
  private dmaRuns = false;

  private constructor(
    services: DriverServices,
    path: PcmPath,
    params: PcmParams,
    host: { readonly dma: HostDmaStream; readonly ring: StreamRing },
  ) {
    this.services = services;
    this.path = path;
    this.params = params;
    this.dma = host.dma;
    this.ring = host.ring;
    this.graph = new StreamGraph(services, path);
  }

  /**
   * Takes everything that a stream needs.
   *
   * @throws HostError; nothing is held then
   */
  static *take(
    services: DriverServices,
    path: PcmPath,
    params: PcmParams,
    limitDma: boolean,
  ): HostTask<StreamResources> {
    const dma = services.dma.allocate(path.direction);
    if (dma === null) throw new HostError("no host DMA stream is free", { errno: EBUSY });
    try {
      const ring = configureDma(dma, path, params, limitDma);
      const resources = new StreamResources(services, path, params, { dma, ring });
      yield* resources.setUp();
      return resources;
    } catch (error) {
      dma.release();
      throw error;
    }
  }

  /** Carries out a trigger command. The end nearer to the listener starts first and stops last. */
  *trigger(command: TriggerCommand): HostTask<void> {
    const starts = command === "start" || command === "resume" || command === "pauseRelease";
    const backFirst = (this.path.direction === "playback") === starts;
    if (backFirst) yield* this.triggerBackEnds(command);
    yield* this.triggerFrontEnd(command);
    if (!backFirst) yield* this.triggerBackEnds(command);
  }

  /** Resets the pipelines, keeping everything. */
  *reset(): HostTask<void> {
    if (this.chain === null) yield* this.graph.reset();
  }

  /**
   * Gives everything back, in the driver's order: DMA stopped, pipelines reset, DMA freed, modules freed.
   * Failures are kept in `errors`; nothing is held afterwards.
   */
  *free(errors: FirstError): HostTask<void> {
    this.graph.uncount();
    for (const dai of this.path.dais) this.services.backEnds.of(dai).abandon(this);
    this.runDma(false);
    if (this.chain !== null) yield* errors.attempt(this.chain.free());
    else if (!this.services.ipc.crashed) yield* errors.attempt(this.graph.reset());
    this.dma.release();
    yield* this.graph.free(errors);
    this.freeBackEnds();
  }

  /** See `PcmStream.delayFrames`. */
  delayFrames(): number | null {
    const dai = this.path.dais[0];
    const instance = dai === undefined ? null : this.graph.instanceOf(dai);
    const format = instance?.formats.output?.format;
    if (dai === undefined || instance === null || format === undefined) return null;
    if (this.chain !== null || instance.nodeId === null) return null;
    const { link, backEnds } = this.services;
    const linkBytes = backEnds.of(dai).linkPosition() ?? readLinkPosition(link, instance.nodeId);
    if (linkBytes === null) return null;
    const linkFrameBytes = (format.bitDepth / 8) * format.channels;
    const startBytes = readStreamStart(link, this.dma.tag - 1) ?? 0;
    const hostFrames = Math.floor(this.ring.hardware / frameBytes(this.params));
    const linkFrames = Math.floor((linkBytes - startBytes) / linkFrameBytes);
    const ahead = hostFrames - linkFrames;
    return Math.max(0, this.path.direction === "playback" ? ahead : -ahead);
  }

  private *setUp(): HostTask<void> {
    const { services, path, params } = this;
    requireModules(services, path);
    const frontEnd = streamParams(params);
    const backEnds = new Map<Widget, BackEndSetup>();
    try {
      for (const dai of path.dais)
        backEnds.set(dai, services.backEnds.of(dai).setUp(this, frontEnd));
      if (path.chainDma) this.chain = this.makeChain(backEnds);
      else yield* this.graph.setUp(frontEnd, this.dma.tag, backEnds);
    } catch (error) {
      this.freeBackEnds();
      throw error;
    }
  }

  private makeChain(backEnds: ReadonlyMap<Widget, BackEndSetup>): ChainDma {
    const { path } = this;
    const [dai, ...others] = path.dais;
    if (dai === undefined || others.length > 0 || path.widgets.length !== 2) {
      throw new HostError("a DMA chain joins one host copier to one DAI copier", { errno: EINVAL });
    }
    const linkTag = backEnds.get(dai)?.streams[0]?.tag ?? null;
    if (linkTag === null) {
      throw new HostError("a DMA chain needs a link whose DMA the host drives", {
        errno: EINVAL,
        widget: dai.name,
      });
    }
    const { ipc, dma } = this.services;
    const { direction } = path;
    return new ChainDma(ipc, dma, {
      direction,
      hostTag: this.dma.tag,
      linkTag,
      params: this.params,
    });
  }

  private *triggerBackEnds(command: TriggerCommand): HostTask<void> {
    for (const dai of this.path.dais) {
      const backEnd = this.services.backEnds.of(dai);
      if (command === "pausePush") yield* backEnd.pause(this);
      else if (command === "stop" || command === "suspend") yield* backEnd.stop(this);
      else yield* backEnd.start(this);
    }
  }

  /** The firmware comes first; of the stops only a pause halts the DMA, the others leave that to hw_free. */
  private *triggerFrontEnd(command: TriggerCommand): HostTask<void> {
    if (this.chain !== null) yield* this.chain.trigger(command);
    else yield* this.graph.trigger(command);
    if (command === "pausePush") this.runDma(false);
    else if (command !== "stop" && command !== "suspend") this.runDma(true);
  }

  private runDma(run: boolean): void {
    if (this.dmaRuns === run) return;
    this.dmaRuns = run;
    if (run) this.dma.start();
    else this.dma.stop();
  }

  private freeBackEnds(): void {
    for (const dai of this.path.dais) this.services.backEnds.of(dai).free(this);
  }
}

function configureDma(
  dma: HostDmaStream,
  path: PcmPath,
  params: PcmParams,
  limited: boolean,
): StreamRing {
  const bytes = frameBytes(params);
  const size = params.bufferFrames * bytes;
  const periodBytes = params.periodFrames * bytes;
  const format = streamFormat(params);
  const result = dma.configure({ bufferBytes: size, periodBytes, format });
  if (result !== 0) {
    throw new HostError(`the host DMA cannot take a buffer of ${size} bytes`, { errno: -result });
  }
  return new StreamRing(dma, path.direction, { size, frameBytes: bytes, limited });
}
