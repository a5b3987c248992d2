import type { PcmParams, StreamChoice, StreamDirection } from "@sof-ts/host";
import { InputError } from "@sof-ts/kit";
import type { Gateway } from "@sof-ts/module-api";
import { PlayingSource } from "@sof-ts/soc";
import type { PlatformName } from "@sof-ts/soc";
import { type Topology, TopologyGraph } from "@sof-ts/topology";
import { ControlSchedule } from "../controls/control-schedule.js";
import { readControlScript } from "../controls/script.js";
import { chooseParams } from "../run/choose-params.js";
import { FarEndSet, linkLayout } from "../run/far-ends.js";
import type { Libraries } from "../run/libraries.js";
import { Machine } from "../run/machine.js";
import { checkMissingModules } from "../run/missing-modules.js";
import { type OnProgress, play, record } from "../run/session.js";
import { type PcmAudio, parseSampleLayout, sampleLayouts } from "../wav/index.js";
import { analyse, type ChannelMeasurement } from "./analyse.js";
import { makeStimulus, planStimulus, type Stimulus, type StimulusPlan } from "./stimulus.js";

/** What to measure, and how. */
export interface MeasureRequest {
  readonly topology: Topology;
  readonly platform: PlatformName;
  readonly pcm: string;
  readonly direction: StreamDirection;
  readonly rate: number | undefined;
  readonly channels: number | undefined;
  readonly bits: string | undefined;
  /** Peak of the stimulus, dB relative to full scale. */
  readonly levelDb: number;
  /** Time for gains to ramp before anything is measured. */
  readonly rampSeconds: number;
  /** Script that sets controls first; times count from the start of the stimulus. */
  readonly controls: string | undefined;
  /** Libraries with modules that the path needs. */
  readonly libraries: Libraries;
}

/** What a path was found to do. */
export interface PathMeasurement {
  readonly params: PcmParams;
  readonly link: string;
  readonly inputRate: number;
  readonly outputRate: number;
  readonly channels: readonly ChannelMeasurement[];
  readonly xruns: number;
}

/** A plan and what was made of it for one end. */
interface Played {
  readonly plan: StimulusPlan;
  readonly stimulus: Stimulus;
}

/**
 * Plays a stimulus into one end of a PCM's path and measures what comes out of the other: into the PCM and
 * out of its first link for playback, into its links and out of the PCM for capture.
 *
 * @throws InputError, HostError, FirmwareFault
 */
export function measurePath(request: MeasureRequest, onProgress: OnProgress): PathMeasurement {
  const { topology, direction, pcm, libraries } = request;
  checkMissingModules(new TopologyGraph(topology), pcm, direction, libraries.uuids);
  const farEnds = new FarEndSet(topology, null);
  let captured: Played | null = null;
  let captureRate = 0;
  const machine: Machine = new Machine({
    topology,
    platform: request.platform,
    libraries,
    farEnds: (link, gateway) => {
      farEnds.plug(link, gateway);
      if (link.direction !== "capture") return;
      const { rate, channels } = link.format;
      const plan = planStimulus(rate, captureRate, request.levelDb, request.rampSeconds);
      const stimulus = makeStimulus(plan, channels, linkLayout(topology, link));
      gateway.source = new PlayingSource(stimulus.audio.data);
      captured ??= { plan, stimulus };
    },
  });
  const { params, layout } = choose(machine, request);
  captureRate = params.rate;
  const script = request.controls;
  const events =
    script === undefined ? [] : readControlScript(script, machine.driver.controls.list());
  const schedule = new ControlSchedule(machine, events);
  const stream = machine.driver.openPcm(pcm, direction);
  machine.do(stream.hwParams(params));
  machine.do(stream.prepare());
  const [link] = farEnds.links;
  if (link === undefined) throw new InputError(`PCM "${pcm}" reaches no link`);

  let plan: StimulusPlan;
  let stimulus: Stimulus;
  let heard: PcmAudio | null;
  let waitingFrames = 0;
  if (direction === "playback") {
    const { rate } = link.request.format;
    plan = planStimulus(params.rate, rate, request.levelDb, request.rampSeconds);
    stimulus = makeStimulus(plan, params.channels, layout);
    play(machine, stream, stimulus.audio, onProgress, schedule);
    heard = farEnds.recording();
  } else {
    if (captured === null) throw new InputError(`PCM "${pcm}" reaches no link that can be fed`);
    ({ plan, stimulus } = captured as Played);
    const frames = Math.floor(plan.end * params.rate);
    const frameBytes = params.channels * sampleLayouts[layout].bytes;
    // What waits between link and PCM comes later without showing in the order of samples.
    const observe = (done: number): void => {
      waitingFrames = framesOnTheWay(machine, stream.position / frameBytes, { plan, stimulus });
      onProgress(done);
    };
    const data = record(machine, stream, frames, frameBytes, observe, schedule);
    heard = { rate: params.rate, channels: params.channels, layout, frames, data };
  }
  machine.do(stream.close());
  if (heard === null) throw new InputError(`PCM "${pcm}" reaches no link that can be heard`);
  return {
    params,
    link: `${link.request.type} "${link.request.link}" ${link.layout}`,
    inputRate: plan.inputRate,
    outputRate: plan.outputRate,
    channels: analyse(plan, stimulus, heard).map((channel) => ({
      ...channel,
      latencyFrames: channel.latencyFrames === null ? null : channel.latencyFrames + waitingFrames,
    })),
    xruns: machine.driver.resourceEvents.length,
  };
}

/** Frames, at the output's rate, that a capture link has delivered and the PCM has not. */
function framesOnTheWay(machine: Machine, pcmFrames: number, { plan, stimulus }: Played): number {
  for (const { module } of machine.firmware.graph.components) {
    const gateway: Gateway | null = module.direct?.gateway ?? null;
    if (gateway === null || gateway.kind === "host") continue;
    const { channels, layout } = stimulus.audio;
    const linkFrames = gateway.totalBytes / (channels * sampleLayouts[layout].bytes);
    return Math.round((linkFrames * plan.outputRate) / plan.inputRate - pcmFrames);
  }
  return 0;
}

/** What the user asked for; else 48 kHz, stereo and 32 bits, as far as the PCM takes them. */
function choose(machine: Machine, request: MeasureRequest) {
  const { pcm, direction, bits } = request;
  const choices = machine.driver.supportedParams(pcm, direction);
  const rate = request.rate ?? preferred(choices, ({ rate: value }) => value, 48_000);
  const channels =
    request.channels ??
    preferred(
      choices.filter((choice) => choice.rate === rate),
      (choice) => choice.channels,
      2,
    );
  const layout = bits === undefined ? "S32_LE" : parseSampleLayout(bits);
  const wanted = { rate, channels, layout, exact: bits !== undefined };
  return chooseParams(machine.driver, pcm, direction, wanted);
}

function preferred(
  choices: readonly StreamChoice[],
  take: (choice: StreamChoice) => number,
  wish: number,
): number {
  const values = choices.map(take);
  return values.includes(wish) ? wish : (values[0] ?? wish);
}
