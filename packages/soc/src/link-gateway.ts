import { EBUSY, EINVAL } from "@sof-ts/kit";
import type { StreamDirection } from "./dma-channel.js";
import type { LinkSink, LinkSource } from "./ports.js";

/** Kind of a digital audio interface. */
export type LinkKind = "hda" | "ssp" | "dmic" | "alh";

/** What sets one gateway instance apart from another: a row of data. */
export interface LinkGatewayDescription {
  readonly kind: LinkKind;
  /** HD-A link stream, SSP port, PDM FIFO, or ALH stream. */
  readonly index: number;
  readonly direction: StreamDirection;
  /** Largest number of channels (or TDM slots, or microphones). */
  readonly maxChannels: number;
  /** Container sizes that the FIFO takes, in bytes. */
  readonly containers: readonly number[];
}

/** Format of the samples on the link. */
export interface LinkFormat {
  readonly rateHz: number;
  readonly channels: number;
  /** Bytes of one sample in memory. */
  readonly containerBytes: number;
}

/** What the gateway's link plays when the ring runs dry. */
export type UnderrunMode = "silence" | "repeat";

/** Rows for every gateway kind; what differs between SSP, DMIC, ALH and HD-A link is data. */
const kinds: Readonly<Record<LinkKind, Omit<LinkGatewayDescription, "index" | "direction">>> = {
  hda: { kind: "hda", maxChannels: 16, containers: [2, 4] },
  ssp: { kind: "ssp", maxChannels: 8, containers: [2, 4] },
  dmic: { kind: "dmic", maxChannels: 8, containers: [2, 4] },
  alh: { kind: "alh", maxChannels: 8, containers: [2, 4] },
};

/** Describes instance `index` of a gateway kind. */
export function describeGateway(
  kind: LinkKind,
  index: number,
  direction: StreamDirection,
): LinkGatewayDescription {
  return { ...kinds[kind], index, direction };
}

/** What a gateway tells the DMA channel that serves it. */
export interface GatewayListener {
  gatewayStarted(): void;
  gatewayStopping(): void;
}

/**
 * The DSP's end of an audio link in one direction: format, clock on or off, and what is plugged in at the far
 * end. The bytes move through the DMA channel that is configured for it. Callable from any context.
 */
export class LinkGateway {
  readonly description: LinkGatewayDescription;
  /** Rate of the link's frame clock; 0 until configured. */
  rateHz = 0;
  channels = 0;
  /** Bytes of one frame; 0 until configured. */
  frameBytes = 0;
  running = false;
  underrunMode: UnderrunMode = "silence";
  /** Far end of a playback link; without one the samples vanish. */
  sink: LinkSink | null = null;
  /** Far end of a capture link; without one there is silence. */
  source: LinkSource | null = null;
  private listener: GatewayListener | null = null;

  constructor(description: LinkGatewayDescription) {
    this.description = description;
  }

  get name(): string {
    const { kind, index, direction } = this.description;
    return `${kind}${index} ${direction}`;
  }

  /**
   * Sets the link's format, as a DAI's `dai_config_set`.
   *
   * @returns 0, -EBUSY while running, -EINVAL for a format the gateway cannot take
   */
  configure(format: LinkFormat): number {
    if (this.running) return -EBUSY;
    const { rateHz, channels, containerBytes } = format;
    const { maxChannels, containers } = this.description;
    if (!Number.isInteger(rateHz) || rateHz <= 0 || rateHz > 768_000) return -EINVAL;
    if (!Number.isInteger(channels) || channels < 1 || channels > maxChannels) return -EINVAL;
    if (!containers.includes(containerBytes)) return -EINVAL;
    this.rateHz = rateHz;
    this.channels = channels;
    this.frameBytes = channels * containerBytes;
    return 0;
  }

  /** Turns the frame clock on, as `dai_trigger` START. @returns 0, or -EINVAL before {@link configure} */
  start(): number {
    if (this.frameBytes === 0) return -EINVAL;
    if (!this.running) {
      this.running = true;
      this.listener?.gatewayStarted();
    }
    return 0;
  }

  /** Turns the frame clock off, as `dai_trigger` STOP or PAUSE. @returns 0 */
  stop(): number {
    if (this.running) {
      this.listener?.gatewayStopping();
      this.running = false;
    }
    return 0;
  }

  /** Joins the DMA channel that serves the gateway, or parts from it. @returns 0, or -EBUSY when it has one */
  join(listener: GatewayListener | null): number {
    if (listener !== null && this.listener !== null && this.listener !== listener) return -EBUSY;
    this.listener = listener;
    return 0;
  }

  /** As after power-up; the far end stays plugged in. */
  reset(): void {
    this.stop();
    this.rateHz = 0;
    this.channels = 0;
    this.frameBytes = 0;
    this.underrunMode = "silence";
  }
}
