import type { LinkRequest, StreamFormat } from "@sof-ts/host";
import { type LinkGateway, PlayingSource, RecordingSink } from "@sof-ts/soc";
import type { Topology } from "@sof-ts/topology";
import { convertPcm, type PcmAudio, type SampleLayout } from "../wav/index.js";

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
  readonly recorder: RecordingSink | null;
}

/** Plugs a recorder into every playback link and the input's audio into every capture link. */
export class FarEndSet {
  readonly links: LinkAudio[] = [];
  private readonly topology: Topology;
  private readonly input: PcmAudio | null;
  private readonly seconds: number;

  /**
   * @param input what capture links hear; null is silence
   * @param seconds how long a recording is likely to get: room is made for it at once
   */
  constructor(topology: Topology, input: PcmAudio | null, seconds = 0) {
    this.topology = topology;
    this.input = input;
    this.seconds = seconds;
  }

  plug(request: LinkRequest, gateway: LinkGateway): void {
    const layout = linkLayout(this.topology, request);
    if (request.direction === "playback") {
      const { rate, channels, containerBits } = request.format;
      const bytesPerSecond = (rate * channels * containerBits) / 8;
      const recorder = new RecordingSink(Math.ceil(this.seconds * bytesPerSecond));
      gateway.sink = recorder;
      this.links.push({ request, layout, recorder });
      return;
    }
    this.links.push({ request, layout, recorder: null });
    if (this.input !== null)
      gateway.source = new PlayingSource(convertPcm(this.input, layout).data);
  }

  /** Audio that the first playback link carried. */
  recording(): PcmAudio | null {
    const link = this.links.find(({ recorder }) => recorder !== null);
    if (link === undefined || link.recorder === null) return null;
    const { rate, channels, containerBits } = link.request.format;
    const frameBytes = (channels * containerBits) / 8;
    const bytes = link.recorder.recorded();
    return {
      rate,
      channels,
      layout: link.layout,
      frames: Math.floor(bytes.length / frameBytes),
      data: bytes.subarray(0, bytes.length - (bytes.length % frameBytes)),
    };
  }
}
