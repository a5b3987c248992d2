import type { PcmParams, PcmStream, StreamDirection } from "@sof-ts/host";
import type { LockingName } from "@sof-ts/firmware";
import { resourceEventName } from "@sof-ts/ipc4";
import type { Chooser, KernelTrace } from "@sof-ts/kernel";
import type { PlatformName } from "@sof-ts/soc";
import type { Topology } from "@sof-ts/topology";
import { chooseParams } from "../run/choose-params.js";
import { FarEndSet } from "../run/far-ends.js";
import { Machine } from "../run/machine.js";
import { generateSignal, type PcmAudio, type SampleLayout } from "../wav/index.js";

/** A stream of the scenario. */
export interface ScenarioStream {
  readonly pcm: string;
  readonly direction: StreamDirection;
}

export interface ScenarioOptions {
  readonly topology: Topology;
  readonly platform: PlatformName;
  readonly locking: LockingName;
  readonly streams: readonly ScenarioStream[];
  /** Length of each of the three phases, ms of virtual time. */
  readonly phaseMs: number;
}

/** What a stream carried: link bytes of a playback stream, the host's of a capture stream. */
export interface Heard {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What must not happen under any order, and did. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** Least part of a phase's audio that has to arrive before its stream is closed. */
const ARRIVED = 0.3;
const SEED = 7;
/** Pauses of the host between two messages: none, or up to a whole tick. */
const HOST_PAUSES = 8;
const HOST_PAUSE_US = 130;
/** Audio behind the last phase, so that no stream gets to its end while messages take their time. */
const SPARE_MS = 100;

/**
 * The founding case of the per-core locks, as a driver sees it: all streams start, the first one is stopped and
 * deleted while the others run, starts again beside them, and all end. One run, on a machine that asks
 * `chooser` wherever hardware or RTOS leave an order open.
 *
 * @returns what each life of each stream carried, in the order of their starts
 * @throws Violation for a leak, an xrun or a stream that does not flow; HostError for an error reply;
 *   FirmwareFault when the firmware halts
 */
export function foundingScenario(
  options: ScenarioOptions,
  chooser: Chooser,
  trace?: KernelTrace,
): Heard[] {
  const { topology, platform, locking, streams, phaseMs } = options;
  const frames = Math.ceil(48 * (3 * phaseMs + SPARE_MS));
  const farEnds = new FarEndSet(topology, noise({ rate: 48_000, channels: 2 }, "S32_LE", frames));
  const machine = new Machine({
    topology,
    platform,
    farEnds: (request, gateway) => farEnds.plug(request, gateway),
    firmware: { chooser, config: { locking }, ...(trace === undefined ? {} : { trace }) },
    // Where in a tick the host's messages come is as open as the machine's own orders.
    hostPauseUs: () => chooser.choose("host", HOST_PAUSES) * HOST_PAUSE_US,
  });
  const before = machine.firmware.resources;
  const lives: Life[] = [];
  const open = (which: ScenarioStream): Life => {
    const life = new Life(machine, farEnds, which);
    lives.push(life);
    return life;
  };
  const running = streams.map(open);
  // Streams that meet in a mixer: one is heard, else their sum would depend on when each began.
  const heard = running.findLast((life) => life.sharesLink);
  const sounds = (life: Life): boolean =>
    heard === undefined || life === heard || life.which.direction === "capture";
  for (const life of running) life.start(frames, sounds(life));
  const [first] = running;
  if (first === undefined) return [];
  const play = (): void => {
    machine.wait(1000 * phaseMs);
    for (const life of running) life.move();
  };
  play();
  first.end();
  running.shift();
  play();
  const again = open(first.which);
  again.start(frames, sounds(first));
  running.unshift(again);
  play();
  for (const life of running) life.end();
  machine.wait(2000);
  checkClean(machine, before);
  return lives.map((life) => life.heard(phaseMs));
}

/** A stream from its opening to its close. */
class Life {
  readonly which: ScenarioStream;
  /** Whether its audio goes out over a link that an earlier stream has opened. */
  readonly sharesLink: boolean;
  private readonly machine: Machine;
  private readonly farEnds: FarEndSet;
  private readonly params: PcmParams;
  private readonly layout: SampleLayout;
  private readonly stream: PcmStream;
  private readonly link: number;
  private sounds = true;
  private toPlay: Uint8Array = new Uint8Array();
  private readonly captured: Uint8Array[] = [];

  constructor(machine: Machine, farEnds: FarEndSet, which: ScenarioStream) {
    this.machine = machine;
    this.farEnds = farEnds;
    this.which = which;
    const { pcm, direction } = which;
    const wanted = { rate: 48_000, channels: 2, layout: "S32_LE", exact: false } as const;
    const { params, layout } = chooseParams(machine.driver, pcm, direction, wanted);
    this.params = params;
    this.layout = layout;
    this.stream = machine.driver.openPcm(pcm, direction);
    const links = farEnds.links.length;
    machine.do(this.stream.hwParams(params));
    machine.do(this.stream.prepare());
    this.sharesLink = direction === "playback" && farEnds.links.length === links;
    this.link = this.sharesLink
      ? farEnds.links.findLastIndex(({ recorder }) => recorder !== null)
      : links;
  }

  start(frames: number, sounds: boolean): void {
    const { machine, stream, params, layout } = this;
    this.sounds = sounds;
    if (this.which.direction === "playback") {
      const { data } = noise(params, layout, frames);
      this.toPlay = sounds ? data : data.fill(0);
      this.move();
    }
    machine.do(stream.trigger("start"));
  }

  /** Fills the host's ring, or empties it; at least once in the 160 ms that it holds. */
  move(): void {
    const { stream, params } = this;
    if (this.which.direction === "playback") {
      this.toPlay = this.toPlay.subarray(stream.write(this.toPlay));
      return;
    }
    const ring = new Uint8Array(params.bufferFrames * params.channels * 4);
    this.captured.push(ring.slice(0, stream.read(ring)));
  }

  end(): void {
    const { machine, stream } = this;
    machine.do(stream.trigger("stop"));
    machine.do(stream.hwFree());
    machine.do(stream.close());
  }

  /** What it carried from its first sound on; nothing when it was to be silent. */
  heard(phaseMs: number): Heard {
    const { pcm, direction } = this.which;
    const name = `${pcm} ${direction}`;
    if (!this.sounds) return { name, bytes: new Uint8Array() };
    const recorder = this.farEnds.links[this.link]?.recorder;
    const recorded = recorder?.recorded() ?? new Uint8Array();
    const bytes = direction === "capture" ? Buffer.concat(this.captured) : recorded;
    const sound = bytes.findIndex((byte) => byte !== 0);
    const from = sound < 0 ? bytes.length : sound - (sound % 8);
    const { rate, channels } = this.params;
    const least = (ARRIVED * phaseMs * rate * channels * 2) / 1000;
    if (bytes.length - from < least) {
      throw new Violation(
        `${name} carried ${bytes.length - from} bytes of sound; a path that buffers more needs a longer --phase`,
      );
    }
    return { name, bytes: bytes.slice(from) };
  }
}

function noise(
  { rate, channels }: { readonly rate: number; readonly channels: number },
  layout: SampleLayout,
  frames: number,
): PcmAudio {
  const signal = { kind: "noise", seed: SEED, amplitude: 0.5 } as const;
  return generateSignal([signal], { rate, channels, layout }, frames);
}

function checkClean(machine: Machine, before: object): void {
  const { resourceEvents } = machine.driver;
  if (resourceEvents.length > 0) {
    const names = resourceEvents.map(({ eventType }) => resourceEventName(eventType));
    throw new Violation(`the firmware reported ${names.join(", ")}`);
  }
  const after: Record<string, number> = { ...machine.firmware.resources };
  for (const [name, count] of Object.entries(before)) {
    if (after[name] === count) continue;
    throw new Violation(`${name}: ${count} before the streams, ${after[name]} after them`);
  }
}

/** Bytes by which a place is found again: noise has none of that length twice. */
const KEY_BYTES = 64;

/**
 * Compares a run with the one under the default order: from the middle of each life on, when gains have ramped,
 * it carried the same samples, as far as both went. When a stream starts and ends may differ; what is in it
 * may not.
 *
 * @throws Violation that names the first byte that differs
 */
export function compareWithDefault(expected: readonly Heard[], heard: readonly Heard[]): void {
  for (const [i, { name, bytes }] of heard.entries()) {
    const want = expected[i]?.bytes ?? new Uint8Array();
    if (want.length === 0) continue;
    const from = middleOf(want);
    const key = want.subarray(from, from + KEY_BYTES);
    const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(key);
    const life = `life ${i + 1} (${name})`;
    if (at < 0) {
      throw new Violation(`${life} lacks what the default order has in its middle`);
    }
    const length = Math.min(want.length - from, bytes.length - at);
    for (let j = 0; j < length; j++) {
      if (bytes[at + j] === want[from + j]) continue;
      throw new Violation(`${life} differs from the default order at byte ${at + j}`);
    }
  }
}

/** A whole number of frames of any format, about half way. */
function middleOf(bytes: Uint8Array): number {
  return (bytes.length >> 1) & ~(KEY_BYTES - 1);
}
