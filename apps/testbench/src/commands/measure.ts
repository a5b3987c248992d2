import type { StreamDirection } from "@sof-ts/host";
import type { PlatformName } from "@sof-ts/soc";
import Table from "cli-table3";
import { UsageError } from "../errors.js";
import { chooseStream, loadTopology } from "../cli/load-topology.js";
import type { Output } from "../cli/output.js";
import { Progress } from "../cli/progress.js";
import type { ChannelMeasurement } from "../measure/analyse.js";
import { measurePath, type PathMeasurement } from "../measure/measure-path.js";
import { responsePlot } from "../measure/response-plot.js";
import { type LibraryOptions, readLibraries } from "../run/libraries.js";
import { checkWritable, writeWhole } from "../run/output-file.js";

/** Options of `sof-testbench measure`, as the command line gives them. */
export interface MeasureOptions extends LibraryOptions {
  readonly topology: string;
  readonly pcm?: string;
  readonly direction?: StreamDirection;
  readonly platform: PlatformName;
  readonly rate?: number;
  readonly channels?: number;
  readonly bits?: string;
  readonly level: string;
  readonly ramp: number;
  readonly controls?: string;
  readonly json?: boolean;
  readonly plot?: string;
}

/** Measurements of a PCM with what they were taken of. */
interface MeasureReport extends PathMeasurement {
  readonly topology: string;
  readonly platform: string;
  readonly pcm: { readonly id: number; readonly name: string; readonly direction: StreamDirection };
  /** Peak of the stimulus, dB relative to full scale. */
  readonly stimulusDb: number;
}

/** Measures the path of a PCM. @returns the report, as tables or JSON */
export async function measure(options: MeasureOptions, output: Output): Promise<string> {
  const levelDb = Number(options.level);
  if (!(levelDb <= 0 && levelDb >= -120)) {
    throw new UsageError(`--level wants -120..0 dB, not "${options.level}"`);
  }
  const topology = loadTopology(options.topology);
  if (options.plot !== undefined) checkWritable(options.plot);
  const { pcm, direction } = chooseStream(topology, options);
  const progress = new Progress(output, `measure ${pcm.name}`);
  const result = progress.during((onProgress) =>
    measurePath(
      {
        topology,
        platform: options.platform,
        pcm: pcm.name,
        direction,
        rate: options.rate,
        channels: options.channels,
        bits: options.bits,
        levelDb,
        rampSeconds: options.ramp,
        controls: options.controls,
        libraries: readLibraries(options),
      },
      onProgress,
    ),
  );
  if (options.plot !== undefined) {
    const title = `${pcm.name}, ${direction}, at ${levelDb} dBFS`;
    writeWhole(options.plot, new TextEncoder().encode(await responsePlot(result.channels, title)));
  }
  const report: MeasureReport = {
    topology: options.topology,
    platform: options.platform,
    pcm: { id: pcm.id, name: pcm.name, direction },
    stimulusDb: levelDb,
    ...result,
  };
  return options.json === true ? `${JSON.stringify(report, null, 2)}\n` : textOf(report, options);
}

function textOf(report: MeasureReport, { plot }: MeasureOptions): string {
  const { pcm, params, channels, inputRate, outputRate } = report;
  const rates = inputRate === outputRate ? `${inputRate} Hz` : `${inputRate} to ${outputRate} Hz`;
  const lines = [
    `PCM ${pcm.id} "${pcm.name}" ${pcm.direction}, ${report.topology} on ${report.platform}`,
    `${rates}, ${params.channels} channels, ${params.format}; link ${report.link}; ` +
      `stimulus ${report.stimulusDb} dBFS; ${report.xruns} xruns`,
    "",
    summaryTable(channels, outputRate),
    ...distortionHint(report),
    "",
    "Frequency response",
    responseTable(channels),
    ...(plot === undefined ? [] : ["", `${plot}: written`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** THD+N, dB, above which a path does more to a tone than a linear one would: 1 %. */
const DISTORTED_DB = -40;

/** What to try where a path distorts: the level of a microphone's path is often made for quiet sounds. */
function distortionHint({ channels, stimulusDb }: MeasureReport): string[] {
  if (!channels.some(({ thdnDb }) => thdnDb !== null && thdnDb > DISTORTED_DB)) return [];
  return [
    `THD+N is over 1 %: something in the path clips or compresses at ${stimulusDb} dBFS; try --level ${Math.max(-120, stimulusDb - 20)}`,
  ];
}

function summaryTable(channels: readonly ChannelMeasurement[], outputRate: number): string {
  const head = ["channel", "level at 1 kHz", "gain", "THD+N", "noise floor", "latency"];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const { channel, levelDb, gainDb, thdnDb, noiseFloorDb, latencyFrames } of channels) {
    table.push([
      String(channel + 1),
      unit(levelDb, "dBFS", "silent"),
      unit(gainDb, "dB", ""),
      levelDb === null ? "" : thdnText(thdnDb),
      unit(noiseFloorDb, "dBFS", "digital silence"),
      latencyFrames === null
        ? ""
        : `${latencyFrames} frames, ${((1000 * latencyFrames) / outputRate).toFixed(3)} ms`,
    ]);
  }
  return table.toString();
}

function responseTable(channels: readonly ChannelMeasurement[]): string {
  const head = ["Hz", ...channels.map(({ channel }) => `channel ${channel + 1}`)];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  const [first] = channels;
  for (const [index, { nominalHz }] of (first?.response ?? []).entries()) {
    if (nominalHz === null) continue;
    const gains = channels.map(({ response }) => unit(response[index]?.gainDb ?? null, "dB", "-"));
    table.push([String(nominalHz), ...gains]);
  }
  return table.toString();
}

const unit = (value: number | null, name: string, none: string): string =>
  value === null ? none : `${fixed(value, 3)} ${name}`;

/** Without a minus sign in front of zero. */
const fixed = (value: number, digits: number): string =>
  value.toFixed(digits).replace(/^-(0\.0+)$/, "$1");

function thdnText(thdnDb: number | null): string {
  if (thdnDb === null) return "none";
  return `${thdnDb.toFixed(1)} dB, ${(100 * 10 ** (thdnDb / 20)).toPrecision(2)} %`;
}
