import { makeDemoMusic } from "./demo-music.js";
import { makeDemoTopology } from "./demo-topology.js";

/** A file of the repository that a program makes. */
export interface Generator {
  /** What to call it on the command line. */
  readonly name: string;
  /** Relative to the root. */
  readonly path: string;
  /** Makes the whole file; the same bytes each time, on every machine. */
  make(): Uint8Array;
}

/** Every generated file that is committed. */
export const generators: readonly Generator[] = [
  { name: "demo-wav", path: "apps/testbench/assets/demo.wav", make: makeDemoMusic },
  { name: "demo-topology", path: "apps/testbench/assets/demo.tplg", make: makeDemoTopology },
];
