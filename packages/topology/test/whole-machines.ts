import {
  audioFormat,
  bytesControl,
  enumControl,
  type PipelineBuilder,
  switchControl,
  TopologyBuilder,
  volumeControl,
  type WidgetRef,
} from "../src/index.js";
import { countingBytes } from "./samples.js";

const s16 = audioFormat("S16_LE");
const s24 = audioFormat("S24_LE");
const s32 = audioFormat("S32_LE");
const quad = audioFormat("S32_LE", { channels: 4 });
const depths = [s16, s24, s32];
const formats = ["S16_LE", "S24_LE", "S32_LE"] as const;

type LinkType = "HDA" | "ALH" | "SSP";

/** What of everything a machine has; counts of streams. */
export interface MachineShape {
  /** What its codecs and amplifiers hang on. */
  readonly link: LinkType;
  /** Mixed outputs, each with a stream of its own and one with a deep buffer. */
  readonly outputs: number;
  /** Equalizers and compressor in front of each output. */
  readonly processed: boolean;
  readonly microphones: number;
  readonly hdmi: number;
  readonly bluetooth: boolean;
}

/** Machines of the sizes that distributions ship topologies for. */
export const machineShapes: Readonly<Record<string, MachineShape>> = {
  "one amplifier": {
    link: "ALH",
    outputs: 1,
    processed: true,
    microphones: 0,
    hdmi: 0,
    bluetooth: false,
  },
  "HDMI only": {
    link: "HDA",
    outputs: 0,
    processed: false,
    microphones: 0,
    hdmi: 3,
    bluetooth: false,
  },
  "HD Audio laptop": {
    link: "HDA",
    outputs: 2,
    processed: true,
    microphones: 1,
    hdmi: 3,
    bluetooth: false,
  },
  "SoundWire laptop": {
    link: "ALH",
    outputs: 2,
    processed: true,
    microphones: 2,
    hdmi: 3,
    bluetooth: false,
  },
  "I2S laptop": {
    link: "SSP",
    outputs: 2,
    processed: true,
    microphones: 2,
    hdmi: 3,
    bluetooth: true,
  },
};

/** A whole machine's topology, of the parts and in the proportions that SOF ships them. */
export function wholeMachine(shape: MachineShape): TopologyBuilder {
  const machine = new Machine(shape);
  for (let i = 0; i < shape.outputs; i++) machine.output(i);
  for (let i = 0; i < shape.microphones; i++) machine.microphone(i);
  for (let i = 0; i < shape.hdmi; i++) machine.hdmi(i);
  if (shape.bluetooth) machine.bluetooth();
  return machine.topology;
}

class Machine {
  readonly topology: TopologyBuilder;
  private readonly shape: MachineShape;
  private pipelines = 0;
  private pcms = 0;
  private links = 0;

  constructor(shape: MachineShape) {
    this.shape = shape;
    const blob = (bytes: number) => [
      { rate: 48000, channels: 2, bitDepth: 32, blob: countingBytes(bytes) },
      { rate: 48000, channels: 4, bitDepth: 32, blob: countingBytes(bytes) },
    ];
    const ssp = (index: number, direction: "playback" | "capture") =>
      ({ type: "SSP", index, direction, formats: blob(96) }) as const;
    this.topology = new TopologyBuilder({
      nhlt: [
        ...(shape.microphones > 0
          ? [{ type: "DMIC", index: 0, formats: blob(3000) } as const]
          : []),
        ...(shape.link === "SSP" ? [ssp(0, "playback"), ssp(1, "playback")] : []),
        ...(shape.bluetooth ? [ssp(2, "playback"), ssp(2, "capture")] : []),
      ],
    });
  }

  /** A stream and one with a deep buffer, mixed and processed in front of a link. */
  output(index: number): void {
    const { link: type, processed } = this.shape;
    const name = `Output${index}`;
    const post = this.pipeline();
    const chain = [
      post.mixout({ format: s32 }),
      post.gain({ format: s32, controls: [volumeControl({ name: `${name} Playback Volume` })] }),
    ];
    if (processed) {
      for (const [module, bytes] of [
        ["eq_iir", 88],
        ["eq_fir", 56],
        ["drc", 108],
      ] as const) {
        const controls = [
          bytesControl({ name: `${name} ${module} bytes`, payload: countingBytes(bytes) }),
          switchControl({ name: `${name} ${module} switch` }),
        ];
        chain.push(post.module(module, { format: s32, controls }));
      }
    }
    const direction = "playback" as const;
    const speaker = post.daiCopier({ direction, type, link: name, index, format: s32 });
    this.link(name, type, index);
    const [mixout] = chain as [WidgetRef];
    this.topology.route(...chain, speaker);
    this.mixed(`${name} Music`, mixout, false);
    this.mixed(`${name} Deep Buffer`, mixout, true);
  }

  private mixed(name: string, mixout: WidgetRef, deep: boolean): void {
    const pcm = this.pcms++;
    const pipeline = this.pipeline(deep);
    const host = pipeline.hostCopier({
      direction: "playback",
      stream: name,
      pcm,
      inputs: depths,
      outputs: [s32],
      ...(deep ? { deepBufferMs: 100 } : {}),
    });
    const controls = [volumeControl({ name: `${name} Volume` })];
    const gain = pipeline.gain({ format: s32, controls });
    this.topology
      .route(host, gain, pipeline.mixin({ format: s32 }), mixout)
      .pcm({ id: pcm, name, playback: { host, formats: [...formats] } });
  }

  /** Microphones with two recordings: as they are, and processed. */
  microphone(index: number): void {
    const name = `Mic${index}`;
    const source = this.pipeline();
    const type = index === 0 ? "DMIC" : this.shape.link;
    const dmic = type === "DMIC";
    const inputs = dmic ? [s32, quad] : depths;
    const dai = source.daiCopier({
      direction: "capture",
      type,
      link: name,
      index,
      inputs,
      outputs: [dmic ? quad : s32],
    });
    const format = dmic ? quad : s32;
    const gain = source.gain({
      format,
      controls: [
        volumeControl({ name: `${name} Capture Volume` }),
        switchControl({ name: `${name} Capture Switch`, channels: 4, led: "mic" }),
      ],
    });
    const split = source.moduleCopier({ format });
    this.link(name, type, index);
    const raw = this.recording(`${name} Raw`, format);
    const clean = this.pipeline();
    const eq = clean.module("eq_iir", {
      format,
      controls: [bytesControl({ name: `${name} eq bytes`, payload: countingBytes(88) })],
    });
    const beam = clean.module("tdfb", {
      format,
      controls: [
        bytesControl({ name: `${name} beam bytes`, payload: countingBytes(788), maxBytes: 16384 }),
        switchControl({ name: `${name} beam` }),
        enumControl({ name: `${name} angle`, items: ["-90", "-45", "0", "45", "90"] }),
      ],
    });
    const processed = this.recording(`${name} Processed`, format);
    this.topology.route(dai, gain, split, raw).route(split, eq, beam, processed);
  }

  private recording(name: string, format: typeof s32): WidgetRef {
    const pcm = this.pcms++;
    const host = this.pipeline().hostCopier({
      direction: "capture",
      stream: name,
      pcm,
      inputs: [format],
      outputs: [s16, s24, s32, quad],
    });
    this.topology.pcm({ id: pcm, name, capture: { host, formats: [...formats] } });
    return host;
  }

  /** A DMA chain to a display. */
  hdmi(index: number): void {
    const name = `HDMI${index + 1}`;
    const pcm = this.pcms++;
    const chained = () => this.topology.pipeline({ id: this.pipelines++, chainDma: true });
    const direction = "playback" as const;
    const host = chained().hostCopier({
      direction,
      stream: name,
      pcm,
      inputs: depths,
      outputs: [s32],
    });
    const link = `iDisp${index + 1}`;
    const dai = chained().daiCopier({ direction, type: "HDA", link, format: s32 });
    this.link(link, "HDA", 4 + index);
    const rates = [32000, 44100, 48000, 88200, 96000, 176400, 192000];
    this.topology
      .route(host, dai)
      .pcm({ id: pcm, name, playback: { host, formats: [...formats], rates, channels: [2, 8] } });
  }

  /** Both directions of a headset at three rates. */
  bluetooth(): void {
    const name = "BT";
    const pcm = this.pcms++;
    const voice = [8000, 16000].map((rate) => audioFormat("S16_LE", { rate, channels: 1 }));
    const both = { inputs: [...voice, s16], outputs: [...voice, s16] };
    const common = { ...both, type: "SSP" as const, link: name, index: 2 };
    const [out, into] = [this.pipeline(), this.pipeline()];
    const played = out.hostCopier({ direction: "playback", stream: "BT Out", pcm, ...both });
    const recorded = into.hostCopier({ direction: "capture", stream: "BT In", pcm, ...both });
    const rates = [8000, 16000, 48000];
    this.link(name, "SSP", 2);
    this.topology
      .route(played, out.daiCopier({ direction: "playback", ...common }))
      .route(into.daiCopier({ direction: "capture", ...common }), recorded)
      .pcm({
        id: pcm,
        name,
        playback: { host: played, formats: ["S16_LE"], rates, channels: [1, 2] },
        capture: { host: recorded, formats: ["S16_LE"], rates, channels: [1, 2] },
      });
  }

  private pipeline(lpMode = false): PipelineBuilder {
    return this.topology.pipeline({ id: this.pipelines++, lpMode });
  }

  private link(name: string, type: LinkType | "DMIC", index: number): void {
    this.topology.link({ id: this.links++, name, type, index });
  }
}
