import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  makeTopology,
  parseTopology,
  readTopology,
  TopologyGraph,
  validateTopology,
  volumeTable,
  writeTopology,
} from "../src/index.js";
import { mixedPlayback } from "../test/samples.js";
import { machineShapes, wholeMachine } from "../test/whole-machines.js";

interface Bench {
  readonly name: string;
  /** Runs the measured step `iterations` times. */
  run(iterations: number): void;
}

const file = mixedPlayback().file();
const bytes = writeTopology(file);
const topology = makeTopology(file);
const taken = { things: 0 };

function repeat(step: () => number): (iterations: number) => void {
  return (iterations) => {
    for (let i = 0; i < iterations; i++) taken.things += step();
  };
}

/** Folder of `.tplg` files, each of which is parsed too. */
const folder = process.env["SOF_TS_TOPOLOGIES"];
const files =
  folder === undefined
    ? []
    : readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".tplg"))
        .toSorted();

/** Topologies of whole machines, sized as the shipped ones are. */
const machines = Object.entries(machineShapes).map(([name, shape]) => ({
  name,
  content: writeTopology(wholeMachine(shape).file()),
}));

const parsing = (name: string, content: Uint8Array): Bench => ({
  name: `parse ${name} (${(content.length / 1024).toFixed(0)} KiB)`,
  run: repeat(() => parseTopology(content, name).widgets.length),
});

/** What names no machine is measured on a topology of 14 widgets and 10 routes, 9 KiB. */
export const benches: readonly Bench[] = [
  { name: "parse", run: repeat(() => parseTopology(bytes, "bench").widgets.length) },
  { name: "read records", run: repeat(() => readTopology(bytes, "bench").blocks.length) },
  { name: "make the model of records", run: repeat(() => makeTopology(file).widgets.length) },
  { name: "validate", run: repeat(() => validateTopology(topology).length) },
  { name: "write", run: repeat(() => writeTopology(file).length) },
  {
    name: "find a playback path",
    run: repeat(() => {
      const graph = new TopologyGraph(topology);
      const pcm = graph.pcm(0);
      return pcm === undefined ? 0 : (graph.path(pcm, "playback")?.widgets.length ?? 0);
    }),
  },
  {
    name: "volume table of 46 values",
    run: repeat(() => volumeTable({ minCentiDb: -9000, stepCentiDb: 200, mute: true }, 45).length),
  },
  ...machines.map(({ name, content }) => parsing(name, content)),
  ...files.map((name) => parsing(basename(name), readFileSync(join(folder ?? "", name)))),
];
