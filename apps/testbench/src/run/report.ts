import { DpModule } from "@sof-ts/dp-scheduler";
import type { AppliedControl } from "../controls/control-schedule.js";
import type { IpcLogEntry, PcmParams, StreamDirection } from "@sof-ts/host";
import type { Firmware } from "@sof-ts/firmware";

import type { LoggedText } from "./firmware-log.js";
import { type ChannelLevel, meterLine } from "./meter.js";

/** Cost of one module instance. */
export interface ModuleLoad {
  readonly name: string;
  readonly instance: number;
  readonly pipeline: number;
  readonly core: number;
  readonly averageCycles: number;
  readonly peakCycles: number;
  /** Whether the cycles are the host's figure, an estimate from the operation count, or measured in a sandbox. */
  readonly source: "cpc" | "estimate" | "measured";
  /** What its own thread did, for a data-processing module; cycles are those of a run then. */
  readonly thread: ThreadLoad | null;
}

/** Runs of a data-processing module since it was prepared. */
export interface ThreadLoad {
  readonly runs: number;
  /** Length of one run's output. */
  readonly periodUs: number;
  readonly deadlineMisses: number;
  /** Ticks in which its consumer found nothing. */
  readonly underruns: number;
}

/** Load of one core over the run. */
export interface CoreLoad {
  readonly core: number;
  readonly ticks: number;
  readonly overruns: number;
  readonly averageCycles: number;
  readonly peakCycles: number;
  readonly averageLoad: number;
  readonly peakLoad: number;
}

/** What a run did. */
export interface RunReport {
  readonly topology: string;
  readonly platform: string;
  /** Locking strategy of the firmware. */
  readonly locking: string;
  readonly pcm: { readonly id: number; readonly name: string; readonly direction: StreamDirection };
  readonly params: PcmParams;
  readonly link: string;
  readonly pipelines: number;
  readonly modules: readonly ModuleLoad[];
  readonly ipc: {
    readonly requests: number;
    readonly notifications: number;
    readonly errors: number;
  };
  readonly cores: readonly CoreLoad[];
  /** What a control script changed; null without one. */
  readonly controls: {
    /** What the script set and what modules told, in order of time. */
    readonly applied: readonly AppliedControl[];
    /** Changes that came after the end of the audio. */
    readonly notReached: number;
  } | null;
  readonly systemCalls: number;
  /** Checkers that watched the run and found nothing; null when it was not checked. */
  readonly checkers: readonly string[] | null;
  readonly xruns: number;
  /** Errors that the firmware logged. */
  readonly errors: readonly LoggedText[];
  readonly input: {
    readonly file: string;
    readonly frames: number;
    readonly levels: readonly ChannelLevel[];
  };
  readonly output: {
    readonly file: string | null;
    readonly frames: number;
    readonly levels: readonly ChannelLevel[];
  };
  readonly audioSeconds: number;
  readonly wallSeconds: number;
  /** Seconds of audio per second of wall clock. */
  readonly timesRealTime: number;
}

/** Counts messages as they pass. */
export class IpcCounter {
  requests = 0;
  notifications = 0;
  errors = 0;

  count(entry: IpcLogEntry): void {
    if (entry.kind === "tx") this.requests++;
    else if (entry.kind === "rx") this.notifications++;
    else if (entry.kind === "timeout" || (entry.kind === "reply" && entry.status !== 0))
      this.errors++;
  }
}

/** Cost of each module that exists now. */
export function moduleLoads(firmware: Firmware): ModuleLoad[] {
  return firmware.graph.components.map((component) => {
    const { name, instanceId, pipelineId, core, costSource, module } = component;
    const place = { name, instance: instanceId, pipeline: pipelineId, core, source: costSource };
    if (!(module instanceof DpModule)) {
      const { periods, totalCycles, peakCycles } = component;
      return { ...place, averageCycles: average(totalCycles, periods), peakCycles, thread: null };
    }
    const { runs, totalCycles, peakCycles, underruns } = module.stats;
    const { periodUs, deadlines } = module;
    return {
      ...place,
      averageCycles: average(totalCycles, runs),
      peakCycles,
      thread: { runs, periodUs, deadlineMisses: deadlines.misses, underruns },
    };
  });
}

const average = (total: number, count: number): number =>
  count === 0 ? 0 : Math.round(total / count);

/** Load of each core that ran a tick. */
export function coreLoads(firmware: Firmware): CoreLoad[] {
  const { platform, domain, config } = firmware;
  const budget = (config.llTimerPeriodUs * platform.coreClockHz) / 1e6;
  const loads: CoreLoad[] = [];
  for (let core = 0; core < platform.coreCount; core++) {
    const stats = domain.scheduler(core)?.stats;
    if (stats === undefined) continue;
    const { ticks, overruns, totalCycles, maxCycles } = stats;
    const averageCycles = ticks === 0 ? 0 : totalCycles / ticks;
    loads.push({
      core,
      ticks,
      overruns,
      averageCycles: Math.round(averageCycles),
      peakCycles: maxCycles,
      averageLoad: averageCycles / budget,
      peakLoad: maxCycles / budget,
    });
  }
  return loads;
}

/** The report as text for a terminal. */
export function reportText(report: RunReport): string {
  const { pcm, params, modules, ipc } = report;
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  const channelName = (index: number, count: number): string =>
    count === 2 ? (["L", "R"][index] ?? "") : String(index + 1);
  const meter = (name: string, channels: readonly ChannelLevel[]): string[] =>
    channels.map(
      (level, i) => `${name.padEnd(8)}${meterLine(channelName(i, channels.length), level)}`,
    );
  const row = (name: string, text: string): string => `${name.padEnd(12)}${text}`;
  return [
    row(
      "PCM",
      `${pcm.id} "${pcm.name}" ${pcm.direction}, ${report.topology} on ${report.platform}`,
    ),
    row(
      "Format",
      `${params.rate} Hz, ${params.channels} channels, ${params.format}; link ${report.link}`,
    ),
    row(
      "Graph",
      `${report.pipelines} pipelines, ${modules.length} modules: ${modules.map((m) => m.name.toLowerCase()).join(", ")}`,
    ),
    row(
      "IPC",
      `${ipc.requests} requests, ${ipc.notifications} notifications, ${ipc.errors} errors`,
    ),
    ...report.cores.map((core) =>
      row(
        `Core ${core.core}`,
        `${core.ticks} ticks of 1 ms, ${core.averageCycles} cycles on average (${percent(core.averageLoad)} load), ` +
          `peak ${core.peakCycles} (${percent(core.peakLoad)}), ${core.overruns} overruns`,
      ),
    ),
    ...threadLines(modules, row),
    ...controlLines(report, row),
    row("Xruns", String(report.xruns)),
    ...(report.checkers === null
      ? []
      : [row("Checked", `no violation found by: ${report.checkers.join(", ")}`)]),
    ...report.errors.map(({ text, times }) =>
      row("Error", times === 1 ? text : `${text} (${times} times)`),
    ),
    ...meter("Input", report.input.levels),
    ...meter("Output", report.output.levels),
    row(
      "Speed",
      `${report.audioSeconds.toFixed(2)} s of audio in ${report.wallSeconds.toFixed(3)} s: ` +
        `${report.timesRealTime.toFixed(0)} times real time`,
    ),
    ...(report.output.file === null
      ? []
      : [row("Written", `${report.output.file}, ${report.output.frames} frames`)]),
    "",
  ].join("\n");
}

function threadLines(
  modules: readonly ModuleLoad[],
  row: (name: string, text: string) => string,
): string[] {
  return modules.flatMap(({ name, core, thread, averageCycles, peakCycles }) =>
    thread === null
      ? []
      : row(
          "Thread",
          `${name.toLowerCase()} on core ${core}: ${thread.runs} runs of ${thread.periodUs / 1000} ms, ` +
            `${averageCycles} cycles on average, peak ${peakCycles}, ` +
            `${thread.deadlineMisses} deadlines missed, ${thread.underruns} underruns`,
        ),
  );
}

function controlLines(
  { controls }: RunReport,
  row: (name: string, text: string) => string,
): string[] {
  if (controls === null) return [];
  const lines = controls.applied.map(({ atSeconds, control, value, changed, by }) => {
    const note = by === "firmware" ? " (from the firmware)" : changed ? "" : " (no change)";
    return row("Control", `${atSeconds.toFixed(3)} s "${control}" ${value}${note}`);
  });
  if (controls.notReached === 0) return lines;
  return [...lines, row("Control", `${controls.notReached} changes came after the end`)];
}
