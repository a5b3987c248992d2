import { built, stereo32, TestBench } from "../test/bench.js";
import { mixedPlayback } from "../test/topologies.js";

interface Bench {
  readonly name: string;
  /** Runs the measured step `iterations` times. */
  run(iterations: number): void;
}

const topology = built(mixedPlayback());

function machine(): TestBench {
  const bench = TestBench.booted(topology);
  // The records are for tests; here they would only grow.
  bench.firmware.requests.push = () => 0;
  bench.log.push = () => 0;
  return bench;
}

const withStream = machine();
const stream = withStream.driver.openPcm("Music", "playback");
const controls = machine();
const controlled = controls.driver.openPcm("Music", "playback");
controls.run(controlled.hwParams(stereo32));

/** Against a firmware that only keeps the protocol, so the driver's own cost counts. */
export const benches: readonly Bench[] = [
  {
    name: "a life of a stream, 23 messages",
    run(iterations) {
      for (let i = 0; i < iterations; i++) {
        withStream.run(stream.hwParams(stereo32));
        withStream.run(stream.prepare());
        withStream.run(stream.trigger("start"));
        withStream.run(stream.trigger("stop"));
        withStream.run(stream.hwFree());
      }
    },
  },
  {
    name: "one message: set a volume",
    run(iterations) {
      for (let i = 0; i < iterations; i++) {
        controls.run(controls.driver.controls.set("Music Playback Volume", i & 1 ? 40 : 45));
      }
    },
  },
  {
    name: "what a PCM can be set up with",
    run(iterations) {
      for (let i = 0; i < iterations; i++) {
        withStream.driver.supportedParams("Deep Buffer", "playback");
      }
    },
  },
];
