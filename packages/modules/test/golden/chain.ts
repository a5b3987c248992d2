import type { GoldenEvent, GoldenModule, GoldenRun } from "@sof-ts/golden";
import { baseModuleCfg, encodeBaseModuleCfgExt } from "@sof-ts/ipc4";
import type { AudioModule, AudioStream, ModuleDriver } from "@sof-ts/module-api";
import {
  concat,
  create,
  drain,
  feed,
  frameBytes,
  ring,
  TestHeap,
  TestServices,
  words,
} from "../kit.js";
import { audioFormatOf } from "./audio-format.js";

interface Node {
  readonly golden: GoldenModule;
  readonly module: AudioModule;
  readonly sources: AudioStream[];
  readonly sinks: AudioStream[];
  readonly events: GoldenEvent[];
  /** Frames that the module has taken of its own stream. */
  frames: number;
}

/** Periods that a ring between two modules holds. */
const RING_PERIODS = 4;

/** The modules of a recorded run, in the order of their ticks, with a ring for each connection. */
export class GoldenChain {
  private readonly heap = new TestHeap();
  private readonly nodes: Node[] = [];
  private readonly run: GoldenRun;
  private readonly inputs: AudioStream[] = [];
  private readonly outputs: AudioStream[] = [];

  constructor(run: GoldenRun, drivers: ReadonlyMap<string, ModuleDriver>) {
    this.run = run;
    const instances = new Map<string, number>();
    for (const golden of run.modules) {
      if (golden.type === "copier") continue;
      const driver = drivers.get(golden.uuid) as ModuleDriver;
      const services = new TestServices(this.heap);
      services.instanceId = instances.get(golden.uuid) ?? 0;
      services.pipelineId = golden.pipeline;
      instances.set(golden.uuid, services.instanceId + 1);
      const module = create(driver, services, initPayload(golden, driver, run));
      const events = run.controls_script.filter((event) => event.module === golden.name);
      this.nodes.push({ golden, module, sources: [], sinks: [], events, frames: 0 });
    }
    for (const [from, to] of run.connections) this.connect(from, to);
    for (const { module, payload_hex, param_id, size } of run.blobs) {
      if (size === 0) continue;
      const blob = fromHex(payload_hex);
      check(
        this.node(module)?.module.setConfiguration?.(param_id, "single", blob.length, blob),
        "blob",
      );
    }
    // A pipeline that mixes is driven by its own tick, before those that feed it.
    this.nodes.sort((a, b) => b.golden.pipeline - a.golden.pipeline);
    if (!this.nodes.some(({ golden }) => golden.type === "mixout")) {
      this.nodes.sort((a, b) => order(run, a) - order(run, b));
    }
    for (const node of this.nodes) check(node.module.prepare(node.sources, node.sinks), "prepare");
  }

  /** Feeds the input in periods. @returns the bytes of each output */
  play(input: Uint8Array): Uint8Array[] {
    const inputBytes =
      this.run.period_frames * (this.run.input.bits === 16 ? 2 : 4) * this.run.input.channels;
    const parts = this.outputs.map(() => [] as Uint8Array[]);
    // One period more than there is input: what a mixer holds back comes out.
    for (let at = 0; at < input.length + inputBytes; at += inputBytes) {
      for (const stream of this.inputs) feed(stream, input.subarray(at, at + inputBytes));
      for (const node of this.nodes) this.tick(node);
      this.outputs.forEach((stream, index) => parts[index]?.push(drain(stream)));
    }
    return parts.map((each) => concat(...each));
  }

  private tick(node: Node): void {
    for (let event = node.events[0]; event !== undefined; event = node.events[0]) {
      if (event.after_module_frames > node.frames) break;
      node.events.shift();
      this.apply(node, event);
    }
    const [source] = node.sources;
    const before = source?.available ?? 0;
    const ret = node.module.process(node.sources, node.sinks);
    if (ret < 0 && ret !== -61) throw new Error(`${node.golden.name}: process ${ret}`);
    if (source !== undefined && node.golden.type !== "mixout") {
      node.frames += (before - source.available) / source.frameBytes;
    }
  }

  private apply(node: Node, event: GoldenEvent): void {
    const set = (data: Uint8Array) =>
      check(
        node.module.setConfiguration?.(event.param_id, "single", data.length, data),
        event.kind,
      );
    if (event.kind === "bytes") set(fromHex(event.payload ?? ""));
    else if (event.kind === "volume") {
      const { settings } = node.golden;
      const curve = Number(settings["gain.curve_type"]);
      const duration = Number(settings["gain.curve_duration"]);
      const targets = (event.target_volume_q31 ?? []).map(Number);
      const single = event.message?.startsWith("one message for all") === true;
      targets.slice(0, single ? 1 : targets.length).forEach((target, channel) => {
        set(words(single ? 0xffffffff : channel, target, curve, 0, duration, 0));
      });
    } else {
      const values = event.kind === "enum" ? [event.index ?? 0] : (event.values ?? []);
      const pairs = values.flatMap((value, channel) => [channel, value]);
      set(words(values.length << 16, 0, 0, 0, 0, ...pairs));
    }
  }

  private connect(from: string, to: string): void {
    const source = this.node(from);
    const sink = this.node(to);
    const format = audioFormatOf(
      (source ?? sink)?.golden.format ?? (this.run.modules[0] as GoldenModule).format!,
    );
    const rates = [48000, this.run.input.rate].map((rate) => Math.ceil(rate / 1000));
    const bytes = RING_PERIODS * Math.max(...rates) * frameBytes(format);
    const stream = ring(this.heap, bytes);
    stream.producerActive = true;
    stream.consumerActive = true;
    if (source === undefined) this.inputs.push(stream);
    else source.sinks.push(stream);
    if (sink === undefined) this.outputs.push(stream);
    else sink.sources.push(stream);
    const shared = { queueId: 0, stream };
    source?.module.bind?.({ ...shared, side: "source", peer: sink?.module ?? null });
    sink?.module.bind?.({ ...shared, side: "sink", peer: source?.module ?? null });
  }

  private node(name: string): Node | undefined {
    return this.nodes.find(({ golden }) => golden.name === name);
  }
}

/** Place of a node along the connections. */
function order(run: GoldenRun, node: Node): number {
  return run.modules.findIndex(({ name }) => name === node.golden.name);
}

function check(ret: number | undefined, what: string): void {
  if (ret === undefined || ret < 0) throw new Error(`${what} gives ${ret}`);
}

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

/** Init payload as the recording's host sent it: buffers of two periods, and each kind's own tail. */
function initPayload(golden: GoldenModule, driver: ModuleDriver, run: GoldenRun): Uint8Array {
  const audioFmt = audioFormatOf(golden.format as NonNullable<GoldenModule["format"]>);
  const bytes = 2 * Math.ceil(audioFmt.samplingFrequency / 1000) * frameBytes(audioFmt);
  const base = { cpc: 0, ibs: bytes, obs: bytes, isPages: 0, audioFmt };
  if (driver.manifest.initConfig === "base+ext") {
    const outputs = run.connections.filter(([from]) => from === golden.name).length;
    return encodeBaseModuleCfgExt({
      base,
      inputPins: [{ pinIndex: 0, ibs: bytes, audioFmt }],
      outputPins: Array.from({ length: outputs }, (_, pinIndex) => ({
        pinIndex,
        obs: bytes,
        audioFmt,
      })),
    });
  }
  const { settings } = golden;
  const tails: Readonly<Record<string, () => Uint8Array>> = {
    gain: () =>
      words(
        0xffffffff,
        Number(settings["gain.init_value"]),
        Number(settings["gain.curve_type"]),
        0,
        Number(settings["gain.curve_duration"]),
        0,
      ),
    src4: () => words(Number(settings["src.rate_out"])),
    asrc4: () => words(Number(settings["asrc.rate_out"]), Number(settings["asrc.operation_mode"])),
  };
  return concat(baseModuleCfg.encode(base), tails[golden.type]?.() ?? new Uint8Array());
}
