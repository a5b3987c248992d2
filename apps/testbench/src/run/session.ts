import type { PcmStream } from "@sof-ts/host";
import { StreamStalled } from "../errors.js";
import type { PcmAudio } from "../wav/index.js";
import type { Machine } from "./machine.js";

/** How far a run has got, 0..1. */
export type OnProgress = (done: number) => void;

/** What happens at times of a stream that is under way. */
export interface Timeline {
  /** Time of the next event since the start, µs; infinity when there is none. */
  readonly nextUs: number;
  /** Runs what is due. */
  runDue(elapsedUs: number): void;
}

const nothingPlanned: Timeline = { nextUs: Number.POSITIVE_INFINITY, runDue: () => {} };

/** Time that the host sleeps between two looks at its ring: half of it. */
const STEP_US = 80_000;
/** What is on its way through the graph when the last sample has left the host. */
const DRAIN_US = 5_000;
/** Silence after the last sample: more than a wait may overshoot. */
const TAIL_US = 100_000;
/** A stream that makes no progress for this long is stuck. */
const STALL_US = 1_000_000;

/** Plays all of `audio` through a prepared stream and stops it. Events at time 0 come before the start. */
export function play(
  machine: Machine,
  stream: PcmStream,
  audio: PcmAudio,
  onProgress: OnProgress,
  timeline: Timeline = nothingPlanned,
): void {
  const { data } = audio;
  const target = stream.position + data.length;
  const frameBytes = data.length / Math.max(1, audio.frames);
  // Silence follows, as ALSA's drain has it, so that the link does not run dry before it is stopped.
  const tail = new Uint8Array(Math.ceil((audio.rate * TAIL_US) / 1e6) * frameBytes);
  let written = 0;
  const feed = (): void => {
    if (written < data.length) written += stream.write(data.subarray(written));
    if (written >= data.length) written += stream.write(tail.subarray(written - data.length));
  };
  feed();
  timeline.runDue(0);
  machine.do(stream.trigger("start"));
  const startUs = machine.link.nowUs();
  let last = stream.position;
  let stalledUs = 0;
  while (stream.position < target) {
    const bytesPerUs = (audio.rate * frameBytes) / 1e6;
    const leftUs = Math.ceil((target - stream.position) / bytesPerUs);
    const stepUs = stepTo(timeline, machine, startUs, Math.min(STEP_US, Math.max(leftUs, 1000)));
    machine.wait(stepUs);
    timeline.runDue(machine.link.nowUs() - startUs);
    feed();
    stalledUs = stream.position === last ? stalledUs + stepUs : 0;
    last = stream.position;
    if (stalledUs >= STALL_US) throw stalled(machine, stream);
    onProgress(1 - (target - stream.position) / data.length);
  }
  machine.wait(DRAIN_US);
  machine.do(stream.trigger("stop"));
}

/**
 * Records `frames` frames from a prepared stream and stops it. Events at time 0 come before the start.
 *
 * @returns the samples in the stream's format
 */
export function record(
  machine: Machine,
  stream: PcmStream,
  frames: number,
  frameBytes: number,
  onProgress: OnProgress,
  timeline: Timeline = nothingPlanned,
): Uint8Array {
  const data = new Uint8Array(frames * frameBytes);
  let read = 0;
  let stalledUs = 0;
  timeline.runDue(0);
  machine.do(stream.trigger("start"));
  const startUs = machine.link.nowUs();
  while (read < data.length) {
    const stepUs = stepTo(timeline, machine, startUs, STEP_US);
    machine.wait(stepUs);
    timeline.runDue(machine.link.nowUs() - startUs);
    const got = stream.read(data.subarray(read));
    read += got;
    stalledUs = got === 0 ? stalledUs + stepUs : 0;
    if (stalledUs >= STALL_US) throw stalled(machine, stream);
    onProgress(read / data.length);
  }
  machine.do(stream.trigger("stop"));
  return data;
}

/** @returns the time to wait: as asked, or until the next event */
function stepTo(timeline: Timeline, machine: Machine, startUs: number, stepUs: number): number {
  const untilEventUs = Math.ceil(timeline.nextUs - (machine.link.nowUs() - startUs));
  return Math.max(1, Math.min(stepUs, untilEventUs));
}

function stalled(machine: Machine, stream: PcmStream): StreamStalled {
  const events = machine.driver.resourceEvents.length;
  const reported = events === 0 ? "" : `; the firmware reported ${events} resource events`;
  const logged = machine.log.errors.map(({ text }) => text).join("; ");
  const hint = logged === "" ? reported : `${reported}; the firmware logged: ${logged}`;
  return new StreamStalled(
    `PCM "${stream.name}" made no progress for ${STALL_US / 1e6} s of stream time${hint}`,
  );
}
