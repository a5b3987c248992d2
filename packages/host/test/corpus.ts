import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { EINVAL, Random } from "@sof-ts/kit";
import {
  parseTopology,
  type Pcm,
  supportsRate,
  type Topology,
  TopologyGraph,
  type PcmStream,
} from "@sof-ts/topology";
import type { GatewayBlobRequest } from "../src/backend-params.js";
import { HostError } from "../src/host-error.js";
import { describeModuleNeeds } from "../src/module-needs.js";
import { isPcmFormat, type PcmParams, sampleLayout } from "../src/pcm-params.js";
import type { StreamDirection } from "../src/ports.js";
import { TestBench } from "./bench.js";

/** A direction of a PCM of one file, driven from open to close. */
export interface HostRow {
  readonly file: string;
  readonly pcm: string;
  /** Empty for a run of all PCMs at once. */
  readonly direction: StreamDirection | "";
  /** What was streamed. */
  readonly format: string;
  /** Modules that the firmware needs for it. */
  readonly modules: string;
  /** Messages it took, or the driver's error. */
  readonly result: string;
  /** It played; or the driver refused it, and the topology has a defect because of which it must. */
  readonly ok: boolean;
}

/** Every PCM in every direction of every topology, against a firmware that only keeps the protocol. */
export function corpusHost(folder: string): HostRow[] {
  return topologyFiles(join(folder, "topologies")).flatMap((path) => {
    const topology = parseTopology(readFileSync(path), basename(path));
    const streams = topology.pcms.flatMap((pcm) =>
      [pcm.playback, pcm.capture].flatMap((stream) => (stream === null ? [] : [{ pcm, stream }])),
    );
    const rows = streams.map(({ pcm, stream }) => rowOf(topology, pcm, stream));
    const sound = streams.filter(({ pcm, stream }) => defectOf(topology, pcm, stream) === null);
    return sound.length < 2 ? rows : [...rows, together(topology, sound)];
  });
}

/** A platform's own link table covers what a topology's leaves out; what it says does not matter here. */
const anyBlob = ({ type }: GatewayBlobRequest): Uint8Array =>
  new Uint8Array(type === "SSP" ? 84 : 256);

/** From Lunar Lake on HD Audio link DMA is behind every link. */
const linkDmaOf = (file: string) => (/-(lnl|ptl)-|ace[23]/.test(file) ? "hdaLink" : "gpdma");

const benchFor = (topology: Topology): TestBench =>
  TestBench.booted(topology, {
    coreCount: 3,
    linkDma: linkDmaOf(topology.source),
    gatewayBlobs: anyBlob,
  });

function rowOf(topology: Topology, pcm: Pcm, stream: PcmStream): HostRow {
  const file = topology.source;
  const { direction } = stream;
  const bench = benchFor(topology);
  const row = { file, pcm: pcm.name, direction, format: "", modules: "" };
  const defect = defectOf(topology, pcm, stream);
  try {
    const [choice] = bench.driver.supportedParams(pcm.name, direction);
    const params = withBuffer(choice ?? fallbackChoice(stream));
    const format = `${params.rate} ${params.channels}ch ${params.format}`;
    const result = live(bench, pcm.name, direction, params);
    const modules = describeModuleNeeds(bench.driver.graph, pcm.name, direction)
      .map(({ name, uuid }) => name ?? uuid ?? "no UUID")
      .join(" ");
    const ok = result.startsWith("messages") && defect === null;
    return { ...row, format, modules, result, ok };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const because = defect === null ? "" : ` [${defect}]`;
    return { ...row, result: `${error.message}${because}`, ok: defect !== null };
  }
}

/** Why the driver must refuse a stream, seen from the topology alone; null when it must not. */
function defectOf(topology: Topology, pcm: Pcm, stream: PcmStream): string | null {
  const graph = new TopologyGraph(topology);
  const path = graph.path(pcm, stream.direction);
  if (path === null) return "no host copier";
  if (path.dais.length === 0 && path.brokenRoutes.length > 0) return "route into nowhere";
  if (!path.chainDma && path.widgets.some(({ uuid }) => uuid === null)) return "no module UUID";
  if (path.widgets.some((widget) => graph.pipelineOf(widget) === undefined)) return "no scheduler";
  const { inputFormats, outputFormats } = path.host;
  const { sets } = stream.direction === "playback" ? inputFormats : outputFormats;
  const depths = stream.formats.filter(isPcmFormat).map((name) => sampleLayout(name).validBits);
  const offered = sets.some(
    ({ format }) =>
      supportsRate(stream.rates, format.rate) &&
      format.channels >= stream.channels.min &&
      format.channels <= stream.channels.max &&
      depths.includes(format.validBits),
  );
  return offered ? null : "the host copier has none of the PCM's formats";
}

/** All sound streams of a file at once: set up, started, paused, stopped and closed in shuffled orders. */
function together(
  topology: Topology,
  streams: readonly { readonly pcm: Pcm; readonly stream: PcmStream }[],
): HostRow {
  const file = topology.source;
  const bench = benchFor(topology);
  const random = new Random(1);
  const row = {
    file,
    pcm: `all ${streams.length} at once`,
    direction: "",
    format: "",
    modules: "",
  } as const;
  try {
    const opened = streams.map(({ pcm, stream }) => ({
      handle: bench.driver.openPcm(pcm.name, stream.direction),
      choices: () => bench.driver.supportedParams(pcm.name, stream.direction),
    }));
    const each = (act: (stream: (typeof opened)[number]) => void) => {
      for (const stream of random.shuffle([...opened])) act(stream);
    };
    each(({ handle, choices }) => {
      const [choice] = choices();
      if (choice === undefined)
        throw new HostError("nothing fits beside the others", { errno: EINVAL });
      bench.run(handle.hwParams(withBuffer(choice)));
      bench.run(handle.prepare());
    });
    for (const command of ["start", "pausePush", "pauseRelease", "stop"] as const) {
      each(({ handle }) => bench.run(handle.trigger(command)));
    }
    each(({ handle }) => bench.run(handle.close()));
    const result = endOf(bench);
    return { ...row, result, ok: result.startsWith("messages") };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { ...row, result: error.message, ok: false };
  }
}

function live(
  bench: TestBench,
  pcm: string,
  direction: StreamDirection,
  params: PcmParams,
): string {
  const stream = bench.driver.openPcm(pcm, direction);
  bench.run(stream.hwParams(params));
  bench.run(stream.prepare());
  bench.run(stream.trigger("start"));
  bench.run(stream.trigger("pausePush"));
  bench.run(stream.trigger("pauseRelease"));
  bench.run(stream.trigger("stop"));
  bench.run(stream.close());
  return endOf(bench);
}

function endOf(bench: TestBench): string {
  if (bench.taken !== 0) return `leaked ${JSON.stringify(bench.driver.inUse)}`;
  if (bench.firmware.violations.length > 0) return bench.firmware.violations.join("; ");
  return `messages: ${bench.firmware.requests.length}`;
}

type Choice = Omit<PcmParams, "periodFrames" | "bufferFrames">;

const withBuffer = (choice: Choice): PcmParams => {
  const periodFrames = Math.ceil(choice.rate / 100);
  return { ...choice, periodFrames, bufferFrames: 4 * periodFrames };
};

/** What the PCM says that it can do, for the driver's word on why it cannot. */
function fallbackChoice({ formats, rates, channels }: PcmStream): Choice {
  const format = formats.find(isPcmFormat) ?? "S32_LE";
  const rate = rates.list.at(-1) ?? (rates.max > 0 ? rates.max : 48000);
  return { rate, channels: channels.min, format };
}

function topologyFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".tplg"))
    .sort()
    .map((name) => join(folder, name));
}
