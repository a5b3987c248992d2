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

  /** Links allocated and not released. */
  get inUse(): number {
    return this.taken.size;
  }

  allocate(request: LinkRequest): LinkStream | null {
    const gateway = this.choose(request);
    if (gateway === null || this.taken.has(gateway)) return null;
    const { rate, channels, containerBits } = request.format;
    const format = { rateHz: rate, channels, containerBytes: containerBits / 8 };
    if (gateway.configure(format) !== 0) return null;
    this.taken.add(gateway);
    gateway.sink = null;
    gateway.source = null;
    this.farEnds(request, gateway);
    const { kind, index } = gateway.description;
    return {
      tag: kind === "hda" ? index + 1 : null,
      alhId: kind === "alh" ? index : null,
      // The firmware's gateway runs the link's clock.
      start: () => {},
      stop: () => {},
      position: () => null,
      release: () => {
        gateway.sink = null;
        gateway.source = null;
        this.taken.delete(gateway);
      },
    };
  }

  /** SSP ports and microphones are where the topology says; HD-A and SoundWire streams are any free ones. */
  private choose(request: LinkRequest): LinkGateway | null {
    const kind = kinds[request.type];
    const { gateways } = this.soc;
    if (kind === "ssp" || kind === "dmic")
      return gateways.find(kind, request.index, request.direction);
    return (
      gateways.all.find(
        (gateway) =>
          gateway.description.kind === kind &&
          gateway.description.direction === request.direction &&
          !this.taken.has(gateway),
      ) ?? null
    );
  }
}
