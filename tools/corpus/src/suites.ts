/** A suite: a function of a package's tests that runs the package over the corpus. */
export interface Suite {
  /** What `--only` takes. */
  readonly name: string;
  /** What its rows are about; the heading of its table. */
  readonly title: string;
  /** Module relative to the root. Suites are test code, so they are not exported by their packages. */
  readonly module: string;
  /** Name of the exported function. */
  readonly run: string;
}

/** A suite's function, given the corpus folder. */
export type SuiteFunction = (folder: string) => readonly unknown[] | Promise<readonly unknown[]>;

/** Every suite, in the order in which they run. */
export const suites: readonly Suite[] = [
  {
    name: "traces",
    title: "kernel logs through the IPC4 log decoder",
    module: "packages/ipc4/test/corpus.ts",
    run: "corpusTraces",
  },
  {
    name: "topologies",
    title: "topologies read completely and written back byte for byte",
    module: "packages/topology/test/corpus.ts",
    run: "corpusTopologies",
  },
  {
    name: "golden",
    title: "modules against recorded audio, bit for bit",
    module: "packages/modules/test/corpus-golden.ts",
    run: "corpusGolden",
  },
  {
    name: "asrc",
    title: "asynchronous conversions and recorded ones by their errors in dB: in band, out of band",
    module: "tools/src-coefficients/test/corpus.ts",
    run: "corpusAsrcQuality",
  },
  {
    name: "streams",
    title: "every PCM of every topology with audio through the whole firmware",
    module: "apps/testbench/test/corpus-topologies.ts",
    run: "corpusStreams",
  },
  {
    name: "checked",
    title: "every PCM of a topology of each platform under all checkers",
    module: "apps/testbench/test/corpus-topologies.ts",
    run: "corpusChecked",
  },
  {
    name: "golden-firmware",
    title: "recorded audio through topology, host, IPC, scheduler and DMA, bit for bit",
    module: "apps/testbench/test/corpus-golden.ts",
    run: "corpusGoldenFirmware",
  },
  {
    name: "host",
    title: "every PCM through the host driver against a firmware that plays along",
    module: "packages/host/test/corpus.ts",
    run: "corpusHost",
  },
  {
    name: "replay",
    title: "kernel logs replayed against the firmware",
    module: "apps/testbench/test/corpus-replay.ts",
    run: "corpusReplay",
  },
];
