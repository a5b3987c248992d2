import { inlineMore } from "../src/cli/compiler.js";
import { paths } from "../test/whole-runs/paths.js";
import { PlayingPath, STEP_MS } from "../test/whole-runs/play-path.js";

// As the program does that people run.
inlineMore();

/** Each path is a run of its own, as the reference's were. */
export const ownProcesses = true;

/** Milliseconds of sound from the host's buffer through the whole firmware to the link: 32-bit stereo at 48 kHz. */
export const benches = paths.map((path) => {
  let playing: PlayingPath | null = null;
  return {
    name: `whole run: ${path.name}`,
    setUp: () => {
      playing = new PlayingPath(path);
    },
    run: (iterations: number) => {
      for (let i = 0; i < iterations; i++) playing?.play();
    },
    unit: "ms",
    perIteration: STEP_MS,
    realTimeMs: STEP_MS,
    ...(path.reference === undefined ? {} : { reference: path.reference }),
  };
});
