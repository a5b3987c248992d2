import {
  decodeSchedule,
  encodeSchedule,
  explore,
  replay,
  ReplayChooser,
  ScenarioFailed,
} from "@sof-ts/explorer";
import type { LockingName } from "@sof-ts/firmware";
import type { Chooser } from "@sof-ts/kernel";
import { describePlatform, type PlatformName } from "@sof-ts/soc";
import { toPerfetto, TraceRecorder } from "@sof-ts/trace";
import { CheckFailed, UsageError } from "../errors.js";
import { chooseStream, loadTopology } from "../cli/load-topology.js";
import type { Output } from "../cli/output.js";
import { Progress } from "../cli/progress.js";
import {
  compareWithDefault,
  foundingScenario,
  type Heard,
  type ScenarioOptions,
  Violation,
} from "../explore/scenario.js";
import { checkWritable, writeWhole } from "../run/output-file.js";

/** Options of `sof-testbench explore`, as the command line gives them. */
export interface ExploreCommandOptions {
  readonly topology: string;
  readonly pcm?: readonly string[];
  readonly platform: PlatformName;
  /** Locking strategy of the firmware. */
  readonly locking: LockingName;
  readonly strategy: "sparse" | "random" | "exhaustive";
  readonly runs: number;
  readonly changes: number;
  readonly seed: number;
  readonly phase: number;
  readonly replay?: string;
  readonly trace?: string;
  readonly json?: boolean;
}

/** Longest phase: the host's ring is filled between phases. */
const MAX_PHASE_MS = 120;

/**
 * Runs streams under many orders of events.
 *
 * @returns the report
 * @throws CheckFailed with the schedule of the first run that went wrong
 */
export function exploreCommand(options: ExploreCommandOptions, output: Output): string {
  const scenario = scenarioOf(options);
  if (options.trace !== undefined) checkWritable(options.trace);
  const { expected, decisions } = underDefaultOrder(scenario);
  if (options.replay !== undefined) {
    replayOne(options, scenario, expected, options.replay);
    return report(options, scenario, { runs: 1, exhausted: false, decisions });
  }
  const { strategy, runs: maxRuns, changes: maxChanges, seed } = options;
  const progress = new Progress(output, "explore");
  try {
    const { runs, exhausted } = explore(checked(scenario, expected), {
      strategy,
      maxRuns,
      maxChanges,
      seed,
      onRun: (done) => progress.update(done / maxRuns),
    });
    progress.end();
    return report(options, scenario, { runs, exhausted, decisions });
  } catch (error) {
    progress.end();
    if (!(error instanceof ScenarioFailed)) throw error;
    const { schedule, runs, cause } = error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    writeTrace(options, scenario, encodeSchedule(schedule));
    throw new CheckFailed(
      `run ${runs}: ${reason}; see it again with --replay ${encodeSchedule(schedule)}`,
      { cause: error },
    );
  }
}

/** What every other order is compared with, and at how many points a run could go another way. */
function underDefaultOrder(scenario: ScenarioOptions): {
  readonly expected: readonly Heard[];
  readonly decisions: number;
} {
  const chooser = new ReplayChooser([]);
  try {
    const expected = foundingScenario(scenario, chooser);
    return { expected, decisions: chooser.choices.length };
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    throw new CheckFailed(`under the default order: ${error.message}`, { cause: error });
  }
}

function scenarioOf(options: ExploreCommandOptions): ScenarioOptions {
  const { phase: phaseMs, platform, locking } = options;
  if (phaseMs > MAX_PHASE_MS) throw new UsageError(`--phase wants at most ${MAX_PHASE_MS} ms`);
  const topology = loadTopology(options.topology);
  const names: readonly (string | undefined)[] = options.pcm ?? [undefined];
  const streams = names.map((name) => {
    const [pcm, side] = splitDirection(name);
    const choice = chooseStream(topology, { pcm, direction: side });
    return { pcm: choice.pcm.name, direction: choice.direction };
  });
  return { topology, platform, locking, streams, phaseMs };
}

/** `Headset:capture` is a PCM with a direction. */
function splitDirection(
  name: string | undefined,
): readonly [string | undefined, "playback" | "capture" | undefined] {
  const match = name === undefined ? null : /^(.*):(playback|capture)$/.exec(name);
  if (match === null) return [name, undefined];
  return [match[1] as string, match[2] as "playback" | "capture"];
}

const checked = (scenario: ScenarioOptions, expected: readonly Heard[]) => (chooser: Chooser) => {
  compareWithDefault(expected, foundingScenario(scenario, chooser));
};

/** Repeats a run under a schedule that another one printed. */
function replayOne(
  options: ExploreCommandOptions,
  scenario: ScenarioOptions,
  expected: readonly Heard[],
  text: string,
): void {
  const schedule = decodeSchedule(text);
  writeTrace(options, scenario, text);
  try {
    replay(checked(scenario, expected), schedule);
  } catch (error) {
    throw new CheckFailed(error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}

/** Writes what happened under a schedule, whether or not it ends well. */
function writeTrace(options: ExploreCommandOptions, scenario: ScenarioOptions, text: string): void {
  if (options.trace === undefined) return;
  const trace = new TraceRecorder();
  try {
    replay((chooser) => {
      foundingScenario(scenario, chooser, trace);
    }, decodeSchedule(text));
  } catch {
    // The trace up to the failure is what was asked for.
  }
  const { coreClockHz } = describePlatform(scenario.platform);
  writeWhole(options.trace, Buffer.from(toPerfetto(trace.log, coreClockHz)));
}

interface ExploreReport {
  readonly topology: string;
  readonly platform: string;
  readonly locking: string;
  readonly streams: ScenarioOptions["streams"];
  readonly strategy: string;
  readonly runs: number;
  /** Points of the default run at which it could have gone another way. */
  readonly decisions: number;
  /** Whether there was nothing left to try within the bounds. */
  readonly exhausted: boolean;
}

function report(
  options: ExploreCommandOptions,
  { streams, platform, locking }: ScenarioOptions,
  outcome: Pick<ExploreReport, "runs" | "exhausted" | "decisions">,
): string {
  const { topology, replay: schedule, strategy } = options;
  const how = schedule === undefined ? strategy : `replay of ${schedule}`;
  const result: ExploreReport = { topology, platform, locking, streams, strategy: how, ...outcome };
  if (options.json === true) return `${JSON.stringify(result, null, 2)}\n`;
  const names = streams.map(({ pcm, direction }) => `"${pcm}" ${direction}`).join(", ");
  const { runs, exhausted, decisions } = outcome;
  const covered = exhausted ? `all ${runs} within the bounds` : String(runs);
  return [
    `Streams     ${names}, ${topology} on ${platform}${locking === "user-ll" ? "" : `, ${locking}`}`,
    `Scenario    all start, the first stops and is deleted, starts again, all end; ${options.phase} ms each`,
    `Orders      ${covered} (${how}); ${decisions} decisions in a run`,
    "Result      the same audio in every run, no xrun, no error, nothing leaked",
    "",
  ].join("\n");
}
