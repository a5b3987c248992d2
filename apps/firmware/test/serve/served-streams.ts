import { type ByteStream, HostDriver, runHostTaskAsync, SocketLink } from "@sof-ts/host";
import { audioFormat, makeTopology, type Topology, TopologyBuilder } from "@sof-ts/topology";

/** Bytes of a period of 1 ms: 48 kHz stereo in 32 bits. */
const PERIOD = 384;
const RAMP_MS = 40;
const params = {
  rate: 48_000,
  channels: 2,
  format: "S32_LE",
  periodFrames: 480,
  bufferFrames: 1920,
} as const;

/** A playback and a capture PCM, each with a gain, on HD Audio links. */
export function playAndRecord(): Topology {
  const format = audioFormat("S32_LE");
  const topology = new TopologyBuilder();
  const play = topology.pipeline({ id: 1 });
  const out = play.hostCopier({ direction: "playback", stream: "Music", format });
  const volume = play.gain({ format });
  const speaker = play.daiCopier({ direction: "playback", type: "HDA", link: "Analog", format });
  const record = topology.pipeline({ id: 2 });
  const microphone = record.daiCopier({ direction: "capture", type: "HDA", link: "Mic", format });
  const into = record.hostCopier({ direction: "capture", stream: "Voice", format });
  topology
    .route(out, volume, speaker)
    .route(microphone, into)
    .pcm({ id: 0, name: "Music", playback: { host: out, formats: ["S32_LE"] } })
    .pcm({ id: 1, name: "Voice", capture: { host: into, formats: ["S32_LE"] } })
    .link({ id: 0, name: "Analog", type: "HDA", index: 0 })
    .link({ id: 1, name: "Mic", type: "HDA", index: 1 });
  return makeTopology(topology.file());
}

/** Samples of which no two neighbours are alike. */
export function noise(frames: number, seed = 12_345): Uint8Array {
  let value = seed;
  const samples = Int32Array.from({ length: 2 * frames }, () => {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
    return value >> 3;
  });
  return new Uint8Array(samples.buffer);
}

/** A host driver in front of a served firmware; its links play into and out of memory. */
export class ServedHost {
  readonly link: SocketLink;
  readonly driver: HostDriver;
  private readonly heard: Uint8Array[];

  private constructor(link: SocketLink, heard: Uint8Array[]) {
    this.link = link;
    this.heard = heard;
    const { dma, links } = link;
    const { linkDma, coreCount } = link.machine;
    const options = { linkDma, coreCount };
    this.driver = new HostDriver({ topology: playAndRecord(), link, dma, links, options });
  }

  /** @param voice what the microphone hears */
  static async boot(
    stream: ByteStream,
    voice: Uint8Array = new Uint8Array(0),
  ): Promise<ServedHost> {
    const heard: Uint8Array[] = [];
    let spoken = 0;
    const link = await SocketLink.connect(stream, {
      platform: "mtl",
      farEnds: () => ({
        hear: (bytes) => heard.push(bytes.slice()),
        feed: (length) => {
          const part = voice.subarray(spoken, spoken + length);
          spoken += part.length;
          return part;
        },
      }),
    });
    const host = new ServedHost(link, heard);
    await host.run(host.driver.boot());
    return host;
  }

  /** Everything that the speaker was given. */
  get output(): Uint8Array {
    const bytes = new Uint8Array(this.heard.reduce((sum, part) => sum + part.length, 0));
    let offset = 0;
    for (const part of this.heard) {
      bytes.set(part, offset);
      offset += part.length;
    }
    return bytes;
  }

  run<T>(task: Parameters<typeof runHostTaskAsync<T>>[0]): Promise<T> {
    return runHostTaskAsync(task, this.link);
  }

  /** Plays all of `audio` between silence, and closes the stream. */
  async play(audio: Uint8Array): Promise<void> {
    // The volume ramps up first.
    const input = new Uint8Array(RAMP_MS * PERIOD + audio.length);
    input.set(audio, RAMP_MS * PERIOD);
    const stream = this.driver.openPcm("Music", "playback");
    await this.run(stream.hwParams(params));
    await this.run(stream.prepare());
    const silence = new Uint8Array(40 * PERIOD);
    let written = 0;
    const feed = (): void => {
      if (written < input.length) written += stream.write(input.subarray(written));
      if (written >= input.length)
        written += stream.write(silence.subarray(written - input.length));
    };
    feed();
    await this.run(stream.trigger("start"));
    while (stream.position < input.length) {
      await this.run(this.driver.wait(15_000));
      feed();
    }
    await this.run(this.driver.wait(5000));
    await this.run(stream.trigger("stop"));
    await this.run(stream.close());
  }

  /** Records `bytes` bytes and closes the stream. */
  async record(bytes: number): Promise<Uint8Array> {
    const stream = this.driver.openPcm("Voice", "capture");
    await this.run(stream.hwParams(params));
    await this.run(stream.prepare());
    await this.run(stream.trigger("start"));
    const into = new Uint8Array(bytes);
    for (let read = 0; read < bytes; read += stream.read(into.subarray(read)))
      await this.run(this.driver.wait(10_000));
    await this.run(stream.trigger("stop"));
    await this.run(stream.close());
    return into;
  }
}

/** Where `needle` begins in `bytes`, in whole frames; -1 when it is nowhere. */
export function find(bytes: Uint8Array, needle: Uint8Array): number {
  return Buffer.from(bytes).indexOf(Buffer.from(needle));
}
