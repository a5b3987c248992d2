import { extname } from "node:path";
import { checkerNames } from "@sof-ts/explorer";
import { formatKernelLog, type IpcLogEntry, linuxVariant, testbenchVariant } from "@sof-ts/host";
import { InputError } from "@sof-ts/kit";
import { TopologyGraph } from "@sof-ts/topology";
import type { PlatformName } from "@sof-ts/soc";
import { chooseStream, loadTopology } from "../cli/load-topology.js";
import type { Output } from "../cli/output.js";
import { Progress } from "../cli/progress.js";
import { readUserFile } from "../read-user-file.js";
import { ControlSchedule } from "../controls/control-schedule.js";
import { readControlScript } from "../controls/script.js";
import type { LockingName } from "@sof-ts/firmware";
import { chooseParams } from "../run/choose-params.js";
import { FarEndSet } from "../run/far-ends.js";
import { Machine } from "../run/machine.js";
import { type LibraryOptions, readLibraries } from "../run/libraries.js";
import { levels } from "../run/meter.js";
import { checkMissingModules } from "../run/missing-modules.js";
import { toPerfetto, TraceRecorder } from "@sof-ts/trace";
import { failOnViolations } from "../run/violations.js";
import { checkWritable, writeWhole } from "../run/output-file.js";
import { coreLoads, IpcCounter, moduleLoads, reportText, type RunReport } from "../run/report.js";
import { play, record } from "../run/session.js";
import {
  convertPcm,
  parseSampleLayout,
  type PcmAudio,
  pcmToWav,
  readRaw,
  readWav,
  sampleLayouts,
  wavToPcm,
  writeWav,
} from "../wav/index.js";

/** Options of `sof-testbench run`, as the command line gives them. */
export interface RunOptions extends LibraryOptions {
  readonly topology: string;
  readonly input: string;
  readonly output?: string;
  readonly pcm?: string;
  readonly direction?: "playback" | "capture";
  readonly platform: PlatformName;
  /** Locking strategy of the firmware. */
  readonly locking?: LockingName;
  /** Whose way of setting streams up the host has. */
  readonly host?: "linux" | "testbench";
  readonly rate?: number;
  readonly channels?: number;
  readonly bits?: string;
  readonly pipelines?: readonly number[];
  readonly duration?: number;
  readonly controls?: string;
  readonly json?: boolean;
  readonly logIpc?: boolean;
  /** File to write the event trace to. */
  readonly trace?: string;
  /** Run all checkers; a violation is a failure. */
  readonly checked?: boolean;
}

/** Plays or records through a PCM. @returns the report, as text or JSON */
export async function run(options: RunOptions, output: Output): Promise<string> {
  const topology = loadTopology(options.topology);
  const input = cut(readInput(options), options.duration);
  for (const file of [options.output, options.trace]) if (file !== undefined) checkWritable(file);
  const { pcm, direction } = chooseStream(topology, options);
  const libraries = readLibraries(options);
  checkMissingModules(new TopologyGraph(topology), pcm.name, direction, libraries.uuids);
  const ipc = new IpcCounter();
  const seconds = input.frames / input.rate;
  const farEnds = new FarEndSet(topology, direction === "capture" ? input : null, seconds + 1);
  const trace = options.trace === undefined ? null : new TraceRecorder();
  const machine = new Machine({
    topology,
    platform: options.platform,
    libraries,
    host: { variant: options.host === "testbench" ? testbenchVariant : linuxVariant },
    firmware: {
      ...(trace === null ? {} : { trace }),
      checked: options.checked === true,
      config: { locking: options.locking ?? "user-ll" },
    },
    farEnds: (request, gateway) => farEnds.plug(request, gateway),
    onIpc: (entry) => {
      ipc.count(entry);
      if (options.logIpc === true) logIpc(output, entry);
    },
  });
  const wanted = {
    rate: options.rate ?? input.rate,
    channels: options.channels ?? input.channels,
    layout: options.bits === undefined ? input.layout : parseSampleLayout(options.bits),
    exact: options.bits !== undefined,
  };
  const { params, layout } = chooseParams(machine.driver, pcm.name, direction, wanted);
  const schedule = controlSchedule(machine, options.controls);
  const stream = machine.driver.openPcm(pcm.name, direction);
  machine.do(stream.hwParams(params));
  machine.do(stream.prepare());
  const modulesMade = machine.firmware.graph.components.length;
  const pipelines = machine.firmware.graph.pipelines.length;

  const progress = new Progress(output, `${direction} ${pcm.name}`);
  const began = performance.now();
  const heard = progress.during((onProgress): PcmAudio | null => {
    if (direction === "playback") {
      play(machine, stream, convertPcm(input, layout), onProgress, schedule);
      return farEnds.recording();
    }
    const frameBytes = params.channels * sampleLayouts[layout].bytes;
    const data = record(machine, stream, input.frames, frameBytes, onProgress, schedule);
    return {
      rate: params.rate,
      channels: params.channels,
      layout,
      frames: data.length / frameBytes,
      data,
    };
  });
  const wallSeconds = (performance.now() - began) / 1000;
  const modules = moduleLoads(machine.firmware);
  machine.do(stream.hwFree());
  machine.do(stream.close());
  failOnViolations(machine.firmware.checks);
  if (heard === null) throw new InputError(`PCM "${pcm.name}" reaches no link that can be heard`);
  if (options.output !== undefined) writeAudio(options.output, heard, options.bits);
  if (options.trace !== undefined && trace !== null) {
    const { coreClockHz } = machine.firmware.platform;
    writeWhole(options.trace, Buffer.from(toPerfetto(trace.log, coreClockHz)));
  }

  const [link] = farEnds.links;
  const report: RunReport = {
    topology: options.topology,
    platform: options.platform,
    locking: machine.firmware.config.locking,
    pcm: { id: pcm.id, name: pcm.name, direction },
    params,
    link:
      link === undefined ? "none" : `${link.request.type} "${link.request.link}" ${link.layout}`,
    pipelines,
    modules: modules.slice(0, modulesMade),
    ipc: { requests: ipc.requests, notifications: ipc.notifications, errors: ipc.errors },
    cores: coreLoads(machine.firmware),
    controls:
      options.controls === undefined && schedule.applied.length === 0
        ? null
        : { applied: schedule.applied, notReached: schedule.notReached },
    checkers: options.checked === true ? checkerNames : null,
    systemCalls: machine.firmware.kernel.counters.syscalls,
    xruns: machine.driver.resourceEvents.length,
    errors: machine.log.errors,
    input: { file: options.input, frames: input.frames, levels: levels(input) },
    output: { file: options.output ?? null, frames: heard.frames, levels: levels(heard) },
    audioSeconds: seconds,
    wallSeconds,
    timesRealTime: seconds / wallSeconds,
  };
  return options.json === true ? `${JSON.stringify(report, null, 2)}\n` : reportText(report);
}

function controlSchedule(machine: Machine, script: string | undefined): ControlSchedule {
  const events =
    script === undefined ? [] : readControlScript(script, machine.driver.controls.list());
  return new ControlSchedule(machine, events);
}

/** Reads WAV by its header, anything else as raw samples of the format that the options state. */
function readInput(options: RunOptions): PcmAudio {
  const bytes = readUserFile(options.input);
  const { input, rate = 48_000, channels = 2, bits = "S32_LE" } = options;
  const magic = bytes.subarray(0, 4).toString("latin1");
  const audio =
    isWavName(input) || ["RIFF", "RF64", "BW64"].includes(magic)
      ? wavToPcm(readWav(bytes, input))
      : readRaw(bytes, input, { rate, channels, layout: parseSampleLayout(bits) });
  if (audio.frames > 0) return audio;
  throw new InputError("holds no audio", { source: input, remedy: "Give at least one frame" });
}

const isWavName = (path: string): boolean => extname(path).toLowerCase() === ".wav";

function cut(audio: PcmAudio, seconds: number | undefined): PcmAudio {
  if (seconds === undefined) return audio;
  const frames = Math.min(audio.frames, Math.max(1, Math.round(seconds * audio.rate)));
  const frameBytes = audio.channels * sampleLayouts[audio.layout].bytes;
  return { ...audio, frames, data: audio.data.subarray(0, frames * frameBytes) };
}

/** Writes WAV, or raw samples to any other ending. */
function writeAudio(path: string, audio: PcmAudio, bits: string | undefined): void {
  const converted = bits === undefined ? audio : convertPcm(audio, parseSampleLayout(bits));
  writeWhole(path, isWavName(path) ? writeWav(pcmToWav(converted)) : converted.data);
}

function logIpc(output: Output, entry: IpcLogEntry): void {
  for (const line of formatKernelLog(entry, { payloads: true })) output.err(`${line}\n`);
}
