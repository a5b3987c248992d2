import { type ControlInfo, HostError, type ControlValue, type PcmStream } from "@sof-ts/host";
import { formatViolation } from "@sof-ts/explorer";
import { Random } from "@sof-ts/kit";
import type { PlatformName } from "@sof-ts/soc";
import { PlayingSource, RecordingSink } from "@sof-ts/soc";
import type { Topology } from "@sof-ts/topology";
import { FirmwareFault } from "../src/errors.js";
import { chooseParams } from "../src/run/choose-params.js";
import { linkLayout } from "../src/run/far-ends.js";
import { Machine } from "../src/run/machine.js";
import { convertPcm } from "../src/wav/index.js";
import { noise } from "./corpus-noise.js";

/** A direction of a PCM. */
export interface StreamName {
  readonly pcm: string;
  readonly direction: "playback" | "capture";
}

/** What became of all streams at once. */
export interface TogetherResult {
  readonly result: string;
  readonly ok: boolean;
}

const STEP_US = 10_000;
const NOISE_MS = 100;
const HEARD_MS = 4000;
/** Controls that are changed while everything streams. */
const CHANGES = 24;
const SEED = 1;

/** A stream with its samples: noise to play, or room for what it records. */
class Player {
  readonly name: StreamName;
  /** Bytes that are not zero, of those that it recorded. */
  recorded = 0;
  running = false;
  private readonly stream: PcmStream;
  private readonly samples: Uint8Array;
  private at = 0;

  constructor(name: StreamName, stream: PcmStream, samples: Uint8Array) {
    this.name = name;
    this.stream = stream;
    this.samples = samples;
  }

  /** Sets the stream up with the first format that fits beside the others. @throws HostError */
  static open(machine: Machine, name: StreamName): Player {
    const { pcm, direction } = name;
    const [choice] = machine.driver.supportedParams(pcm, direction);
    if (choice === undefined)
      throw new HostError(`${pcm}: nothing fits beside the others`, { errno: 22 });
    const layouts = { S16_LE: "S16_LE", S24_LE: "S24_4LE", S32_LE: "S32_LE" } as const;
    const { params, layout } = chooseParams(machine.driver, pcm, direction, {
      ...choice,
      layout: layouts[choice.format as keyof typeof layouts] ?? "S32_LE",
      exact: true,
    });
    const stream = machine.driver.openPcm(pcm, direction);
    machine.do(stream.hwParams(params));
    machine.do(stream.prepare());
    const { rate, channels } = params;
    const frames = (rate * NOISE_MS) / 1000;
    const { data } = noise(rate, channels, frames, layout);
    return new Player(name, stream, direction === "playback" ? data : data.map(() => 0));
  }

  trigger(machine: Machine, command: "start" | "pausePush" | "pauseRelease" | "stop"): void {
    this.move();
    machine.do(this.stream.trigger(command));
    this.running = command === "start" || command === "pauseRelease";
    this.move();
  }

  close(machine: Machine): void {
    machine.do(this.stream.hwFree());
    machine.do(this.stream.close());
  }

  /** Fills the ring with noise, or empties it. */
  move(): void {
    const { stream, samples, name } = this;
    for (;;) {
      const part = samples.subarray(this.at);
      const moved = name.direction === "playback" ? stream.write(part) : stream.read(part);
      if (name.direction === "capture")
        this.recorded += part.subarray(0, moved).filter(Boolean).length;
      this.at = (this.at + moved) % samples.length;
      if (moved === 0) return;
    }
  }
}

/**
 * Sets up streams in a shuffled order, starts them in another, pauses some, changes controls while all stream,
 * stops them in a third order and closes them in a fourth.
 */
export function playTogether(
  topology: Topology,
  platform: PlatformName,
  names: readonly StreamName[],
  checked = false,
): TogetherResult {
  try {
    return new Together(topology, platform, checked).play(names);
  } catch (error) {
    if (error instanceof HostError || error instanceof FirmwareFault)
      return { result: error.message, ok: false };
    throw error;
  }
}

class Together {
  private readonly machine: Machine;
  private readonly random = new Random(SEED);
  private readonly links: { readonly name: string; readonly sink: RecordingSink }[] = [];
  private players: Player[] = [];

  constructor(topology: Topology, platform: PlatformName, checked: boolean) {
    this.machine = new Machine({
      topology,
      platform,
      firmware: { checked },
      farEnds: (request, gateway) => {
        if (request.direction === "playback") {
          const sink = new RecordingSink();
          gateway.sink = sink;
          this.links.push({ name: request.link, sink });
          return;
        }
        const { rate, channels } = request.format;
        const heard = noise(rate, channels, (rate * HEARD_MS) / 1000, "S32_LE");
        gateway.source = new PlayingSource(convertPcm(heard, linkLayout(topology, request)).data);
      },
    });
  }

  play(names: readonly StreamName[]): TogetherResult {
    const { machine } = this;
    const before = JSON.stringify(machine.firmware.resources);
    this.players = this.shuffled(names).map((name) => Player.open(machine, name));
    for (const player of this.shuffled(this.players)) {
      player.trigger(machine, "start");
      this.pass(this.random.below(3));
    }
    const most = machine.firmware.graph.components.length;
    for (const player of this.shuffled(this.players).slice(0, this.players.length >> 1)) {
      player.trigger(machine, "pausePush");
      this.pass(1);
      player.trigger(machine, "pauseRelease");
    }
    const changed = this.changeControls();
    this.pass(3);
    for (const player of this.shuffled(this.players)) {
      player.trigger(machine, "stop");
      this.pass(this.random.below(2));
    }
    for (const player of this.shuffled(this.players)) player.close(machine);
    const problems = this.problems(before);
    const done = `${names.length} streams, ${most} modules, ${changed} control changes`;
    return { result: problems.length > 0 ? problems.join("; ") : done, ok: problems.length === 0 };
  }

  private shuffled<T>(items: readonly T[]): T[] {
    return this.random.shuffle([...items]);
  }

  /** Lets time pass in which every stream is fed. */
  private pass(steps: number): void {
    for (let i = 0; i < steps; i++) {
      this.machine.wait(STEP_US);
      for (const player of this.players) if (player.running) player.move();
    }
  }

  /** Changes controls and puts them back. @returns messages that this took */
  private changeControls(): number {
    const { machine, random } = this;
    const { controls } = machine.driver;
    const all = controls.list();
    const before = machine.firmware.messages;
    for (let i = 0; i < CHANGES && all.length > 0; i++) {
      const info = random.pick(all);
      const old = machine.do(controls.get(info.name));
      machine.do(controls.set(info.name, another(info, old, random)));
      this.pass(1);
      machine.do(controls.set(info.name, old));
    }
    return machine.firmware.messages - before;
  }

  private problems(before: string): string[] {
    const { machine } = this;
    const found = [];
    const events = machine.driver.resourceEvents;
    if (events.length > 0) {
      const kinds = new Set(
        events.map(({ eventType, resourceId }) => `${eventType} of ${resourceId}`),
      );
      found.push(`${events.length} xruns or errors: ${[...kinds].join(", ")}`);
    }
    for (const { name, recorded } of this.players) {
      if (name.direction === "capture" && recorded === 0) found.push(`${name.pcm} records silence`);
    }
    for (const { name, sink } of this.links) {
      if (!sink.recorded().some((byte) => byte !== 0)) found.push(`${name} plays silence`);
    }
    if (JSON.stringify(machine.firmware.resources) !== before) found.push("something leaks");
    for (const violation of machine.firmware.checks?.violations ?? [])
      found.push(formatViolation(violation));
    return found;
  }
}

/** Another value that the control can have. */
function another({ control }: ControlInfo, old: ControlValue, random: Random): ControlValue {
  if (control.kind === "bytes") return new Uint8Array(0);
  const [low, high] =
    control.kind === "enum" ? [0, control.items.length - 1] : [control.min, control.max];
  return [...old].map(() => random.between(low, high));
}
