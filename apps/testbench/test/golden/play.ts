import type { GoldenRun } from "@sof-ts/golden";
import { linuxVariant, type PcmStream } from "@sof-ts/host";
import type { Gateway } from "@sof-ts/module-api";
import { PlayingSource, RecordingSink } from "@sof-ts/soc";
import { parseTopology } from "@sof-ts/topology";
import { FarEndSet } from "../../src/run/far-ends.js";
import { Machine } from "../../src/run/machine.js";
import { fromHex, goldenTopology, sampleFormat } from "./topology.js";

const MS_US = 1000;
/** Milliseconds after the last sample: mixers, delays of modules. */
const DRAIN_MS = 12;

/** A file in place of a link's far end: it takes what there is and waits where a link would play silence. */
class FileSink extends RecordingSink {
  starve(): void {}
}

/** Plays a recorded run through the whole firmware. @returns what came out, in the run's own samples */
export function playGolden(run: GoldenRun, input: Uint8Array): Uint8Array {
  const topology = parseTopology(goldenTopology(run), run.case);
  const capture = run.modules[0]?.widget === "dai_out";
  // The program that recorded reads whole frames of each millisecond, less than a link would take.
  const slow = run.period_frames * 1000 < run.input.rate;
  const farEnds = new FarEndSet(topology, null);
  const files = new Map<string, RecordingSink>();
  const machine = new Machine({
    topology,
    platform: "mtl",
    // As the reference's program: it sends blobs when it makes a module and leaves other controls alone, asks
    // for buffers of two periods, and binds a route when its sink was made.
    host: {
      variant: {
        ...linuxVariant,
        initialControls: "bytes",
        bufferSizes: "twoPeriods",
        bindOrder: "withSink",
      },
    },
    farEnds: (request, gateway) => {
      farEnds.plug(request, gateway);
      if (request.direction === "capture") gateway.source = new PlayingSource(input);
      if (!slow || request.direction === "capture") return;
      const file = new FileSink();
      gateway.sink = file;
      files.set(request.link, file);
    },
  });
  const stream = machine.driver.openPcm("Golden", capture ? "capture" : "playback");
  const { rate, channels, frames } = run.input;
  const frameBytes = input.length / frames;
  const bufferFrames = 2 * (frames + 24_000);
  const params = {
    rate,
    channels,
    format: sampleFormat(run),
    periodFrames: bufferFrames / 2,
    bufferFrames,
  };
  machine.do(stream.hwParams(params));
  machine.do(stream.prepare());
  const feed = (): void => {
    stream.write(input);
    // Silence keeps the link fed while the modules' delays run out.
    stream.write(new Uint8Array(frameBytes * Math.ceil((rate * 2 * DRAIN_MS) / 1000)));
  };
  const events = [...run.controls_script];
  const apply = (): void => {
    for (let event = events[0]; event !== undefined; event = events[0]) {
      if (framesOf(machine, run, stream, event.module, frameBytes) < event.after_module_frames)
        return;
      events.shift();
      const value =
        event.kind === "bytes"
          ? fromHex(event.payload ?? "")
          : event.kind === "enum"
            ? (event.index ?? 0)
            : (event.values ?? []);
      // The reference sends what it is told to, also a value that is the default.
      const control = machine.driver.controls.list().find(({ name }) => name === event.control);
      Object.assign(control ?? {}, { dirty: true });
      machine.do(machine.driver.controls.set(event.control, value));
    }
  };
  const mixes = run.modules.some(({ type }) => type === "mixout");
  if (mixes) {
    // A mixer plays silence without data, so the data has to be there before the pipelines run.
    apply();
    feed();
    machine.firmware.soc.dma.playbackStreams[(stream.streamTag ?? 1) - 1]?.start();
  }
  machine.do(stream.trigger("start"));
  // Look at the machine in the middle between two ticks, when each has run to its end.
  machine.wait(MS_US / 2);
  if (!mixes) {
    // Events at frame 0 come after the modules were prepared and before their first period.
    apply();
    if (!capture && !slow) feed();
  }
  const chunk = run.period_frames * frameBytes;
  const periods = Math.ceil((frames / rate) * 1000) + DRAIN_MS;
  for (let period = 0; period < periods; period++) {
    apply();
    if (slow) stream.write(input.subarray(period * chunk, (period + 1) * chunk));
    machine.wait(MS_US);
  }
  let output: Uint8Array;
  if (capture) {
    output = new Uint8Array(frames * frameBytes);
    stream.read(output);
  } else {
    const dais = run.modules.filter(({ widget }) => widget === "dai_in").map(({ name }) => name);
    const dai = dais[run.output_index] ?? "";
    const link = farEnds.links.find(({ request }) => request.link === dai);
    const recorder = files.get(dai) ?? link?.recorder;
    output = recorder?.recorded().slice() ?? new Uint8Array(0);
  }
  machine.do(stream.trigger("stop"));
  machine.do(stream.close());
  return output;
}

/** Frames that a module has handled: those that left the host, or past a mixer those that reached the DAI. */
function framesOf(
  machine: Machine,
  run: GoldenRun,
  stream: PcmStream,
  module: string,
  frameBytes: number,
): number {
  const mixer = run.modules.findIndex(({ type }) => type === "mixout");
  const index = run.modules.findIndex(({ name }) => name === module);
  if (mixer < 0 || index < mixer) {
    return run.modules[0]?.widget === "dai_out"
      ? linkFrames(machine, frameBytes)
      : stream.position / frameBytes;
  }
  return linkFrames(machine, frameBytes);
}

function linkFrames(machine: Machine, frameBytes: number): number {
  const gateways = machine.firmware.graph.components.map(
    ({ module }): Gateway | null => module.direct?.gateway ?? null,
  );
  const link = gateways.find((gateway) => gateway !== null && gateway.kind !== "host");
  return (link?.totalBytes ?? 0) / frameBytes;
}
