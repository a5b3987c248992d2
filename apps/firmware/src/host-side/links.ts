import type { LinkControl, LinkRequest, LinkStream } from "@sof-ts/host";
import type { LinkGateway, LinkKind, Soc } from "@sof-ts/soc";

/** Plugs a far end (a codec, a WAV file) into a link that a back end has just set up. */
export type FarEnds = (request: LinkRequest, gateway: LinkGateway) => void;

const kinds: Readonly<Record<LinkRequest["type"], LinkKind>> = {
  HDA: "hda",
  SSP: "ssp",
  DMIC: "dmic",
  ALH: "alh",
};

/** The links behind the DSP, as the back-end drivers set them up. */
export class Links implements LinkControl {
  private readonly soc: Soc;
  private readonly farEnds: FarEnds;
  private readonly taken = new Set<LinkGateway>();

  constructor(soc: Soc, farEnds: FarEnds) {
    this.soc = soc;
    this.farEnds = farEnds;
  }

  /** Links and HD-A link streams allocated and not released. */
  get inUse(): number {
    return this.taken.size;
  }

  /** HD-A link streams, which the host allocates, carry the other links too (Intel ACE 2 and later). */
  private get hostDrivesAll(): boolean {
    return this.soc.platform.daiDma === "hdaLink";
  }

  allocate(request: LinkRequest): LinkStream | null {
    const gateway = this.choose(request);
    if (gateway === null || this.taken.has(gateway)) return null;
    const carrier = this.carrier(gateway);
    if (carrier === null && this.hostDrivesAll) return null;
    const { rate, channels, containerBits } = request.format;
    const format = { rateHz: rate, channels, containerBytes: containerBits / 8 };
    if (gateway.configure(format) !== 0) return null;
    this.taken.add(gateway);
    if (carrier !== null) this.taken.add(carrier);
    gateway.sink = null;
    gateway.source = null;
    this.farEnds(request, gateway);
    const { kind, index } = gateway.description;
    return {
      tag: carrier === null ? null : carrier.description.index + 1,
      alhId: kind === "alh" ? index : null,
      // The firmware's gateway runs the link's clock.
      start: () => {},
      stop: () => {},
      position: () => null,
      release: () => {
        gateway.sink = null;
        gateway.source = null;
        this.taken.delete(gateway);
        if (carrier !== null) this.taken.delete(carrier);
      },
    };
  }

  /** SSP ports and microphones are where the topology says; HD-A and SoundWire streams are any free ones. */
  private choose(request: LinkRequest): LinkGateway | null {
    const kind = kinds[request.type];
    const { gateways } = this.soc;
    if (kind === "ssp" || kind === "dmic")
      return gateways.find(kind, request.index, request.direction);
    return this.firstFree(kind, request.direction);
  }

  /** The HD-A link stream that carries a link; null where DMA inside the DSP does. */
  private carrier(gateway: LinkGateway): LinkGateway | null {
    const { kind, direction } = gateway.description;
    if (kind === "hda") return gateway;
    return this.hostDrivesAll ? this.firstFree("hda", direction) : null;
  }

  private firstFree(kind: LinkKind, direction: LinkRequest["direction"]): LinkGateway | null {
    return (
      this.soc.gateways.all.find(
        (gateway) =>
          gateway.description.kind === kind &&
          gateway.description.direction === direction &&
          !this.taken.has(gateway),
      ) ?? null
    );
  }
}
