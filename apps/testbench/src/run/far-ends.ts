import type { LinkRequest, StreamFormat } from "@sof-ts/host";
import type { LinkGateway, LinkSink, LinkSource } from "@sof-ts/soc";
import type { Topology } from "@sof-ts/topology";
import { convertPcm, type PcmAudio, type SampleLayout } from "../wav/index.js";

/** Records what a link carries. */
export class Recorder implements LinkSink {
  private buffer = new Uint8Array(1 << 16);
  private length = 0;

  write(bytes: Uint8Array, offset: number, length: number): void {
    if (this.length + length > this.buffer.length) {
      const larger = new Uint8Array(2 * (this.length + length));
      larger.set(this.buffer.subarray(0, this.length));
      this.buffer = larger;
    }
    const { buffer } = this;
    const start = this.length;
    // A period is a few hundred bytes: a loop beats the view that set() would need.
    if (length <= 64)
      for (let i = 0; i < length; i++) buffer[start + i] = bytes[offset + i] as number;
    else buffer.set(bytes.subarray(offset, offset + length), start);
    this.length += length;
  }

  /** Everything recorded so far. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

/** Plays bytes into a capture link; silence follows when they are used up. */
export class Player implements LinkSource {
  private readonly bytes: Uint8Array;
  private position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  read(into: Uint8Array, offset: number, length: number): number {
    const part = this.bytes.subarray(this.position, this.position + length);
    into.set(part, offset);
    this.position += part.length;
    return part.length;
  }
}

/** Layout of the samples on a link: 24 bits sit where the DAI's format in the topology has them. */
export function linkLayout(topology: Topology, request: LinkRequest): SampleLayout {
  const { containerBits, validBits }: StreamFormat = request.format;
  if (containerBits === 16) return "S16_LE";
  if (validBits !== 24) return "S32_LE";
  const dai = topology.widgets.find(
    ({ kind, streamName }) => kind === "dai" && streamName === request.link,
  );
  const formats = [...(dai?.inputFormats.sets ?? []), ...(dai?.outputFormats.sets ?? [])];
  const aligned = formats.some(({ format }) => format.validBits === 24 && format.sampleType === 0);
  return aligned ? "S24_4LE_MSB" : "S24_4LE";
}

/** What a stream's link carries: its format, and the recording of a playback link. */
export interface LinkAudio {
  readonly request: LinkRequest;
  readonly layout: SampleLayout;
  readonly recorder: Recorder | null;
}

/** Plugs a recorder into every playback link and the input's audio into every capture link. */
export class FarEndSet {
  readonly links: LinkAudio[] = [];
  private readonly topology: Topology;
  private readonly input: PcmAudio | null;

  /** @param input what capture links hear; null is silence */
  constructor(topology: Topology, input: PcmAudio | null) {
    this.topology = topology;
    this.input = input;
  }

  plug(request: LinkRequest, gateway: LinkGateway): void {
    const layout = linkLayout(this.topology, request);
    if (request.direction === "playback") {
      const recorder = new Recorder();
      gateway.sink = recorder;
      this.links.push({ request, layout, recorder });
      return;
    }
    this.links.push({ request, layout, recorder: null });
    if (this.input !== null) gateway.source = new Player(convertPcm(this.input, layout).data);
  }

  /** Audio that the first playback link carried. */
  recording(): PcmAudio | null {
    const link = this.links.find(({ recorder }) => recorder !== null);
    if (link === undefined || link.recorder === null) return null;
    const { rate, channels, containerBits } = link.request.format;
    const frameBytes = (channels * containerBits) / 8;
    const { bytes } = link.recorder;
    return {
      rate,
      channels,
      layout: link.layout,
      frames: Math.floor(bytes.length / frameBytes),
      data: bytes.slice(0, bytes.length - (bytes.length % frameBytes)),
    };
  }
}
