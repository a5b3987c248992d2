import { InvariantError } from "@sof-ts/kit";
import type { StreamDirection } from "./dma-channel.js";
import { describeGateway, LinkGateway, type LinkKind } from "./link-gateway.js";
import type { PlatformDescription } from "./platform.js";

const directions: readonly StreamDirection[] = ["playback", "capture"];

/** All link gateways of a platform. SSP, ALH and HD-A have one for each direction, DMIC captures only. */
export class Gateways {
  readonly all: readonly LinkGateway[];
  private readonly byKey = new Map<string, LinkGateway>();

  constructor(platform: PlatformDescription) {
    const { dai } = platform;
    const count = (kind: LinkKind, direction: StreamDirection): number => {
      if (kind === "hda") return direction === "playback" ? dai.hda.out : dai.hda.in;
      if (kind === "dmic") return direction === "playback" ? 0 : dai.dmic;
      return dai[kind];
    };
    const all: LinkGateway[] = [];
    for (const kind of ["hda", "ssp", "dmic", "alh"] as const) {
      for (const direction of directions) {
        for (let index = 0; index < count(kind, direction); index++) {
          const gateway = new LinkGateway(describeGateway(kind, index, direction));
          this.byKey.set(key(kind, index, direction), gateway);
          all.push(gateway);
        }
      }
    }
    this.all = all;
  }

  /** The gateway, or null when the platform does not have it. */
  find(kind: LinkKind, index: number, direction: StreamDirection): LinkGateway | null {
    return this.byKey.get(key(kind, index, direction)) ?? null;
  }

  /** The gateway, which must exist. */
  get(kind: LinkKind, index: number, direction: StreamDirection): LinkGateway {
    const gateway = this.find(kind, index, direction);
    if (gateway === null) throw new InvariantError(`no gateway ${kind}${index} ${direction}`);
    return gateway;
  }
}

function key(kind: LinkKind, index: number, direction: StreamDirection): string {
  return `${kind}/${index}/${direction}`;
}
