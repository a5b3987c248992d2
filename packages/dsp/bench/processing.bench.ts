import {
  asrcBytes,
  type AsrcFilter,
  asrcFilter,
  createAsrcKernels,
  createCrossoverKernels,
  createDrcKernels,
  createSrcKernels,
  createTdfbKernels,
  planBeam,
  planSrcStage,
  resetAsrc,
  resetDrc,
  resetSplitter,
  resetSrcStage,
  resetTdfb,
  SPLITTER_BYTES,
  srcFilter,
  writeBeam,
} from "../src/index.js";

/** One millisecond of stereo at 48 kHz, 32 bits. */
const FRAMES = 48;
const SRC = 0x20000;
const DST = 0x21000;
const FREE = 0x30000;

const wasm = new WebAssembly.Memory({ initial: 8, maximum: 8 });
const memory = {
  wasm,
  u8: new Uint8Array(wasm.buffer),
  i16: new Int16Array(wasm.buffer),
  i32: new Int32Array(wasm.buffer),
};

let noise = 1;
for (let i = 0; i < 2 * FRAMES; i++) {
  noise = (Math.imul(noise, 1664525) + 1013904223) | 0;
  memory.i32[(SRC >> 2) + i] = noise >> 1;
}

const drc = createDrcKernels(memory);
// Parameters of the speaker default tuning.
const drcParams = Int32Array.from(
  "1 -503316480 335544320 167772160 6442451 33954698 107374182 12228399 1969176 -2080224 5305422 \
  137666458 81276115 7456540 -8947849 2062296 5 4423680 294359 2477728 622039 46513"
    .split(/\s+/)
    .map(Number),
);
const setup = { state: FREE, ring: FREE + 0x100, channels: 2, sampleBytes: 4, rate: 48000 };
resetDrc(memory, { ...setup, params: drcParams });

const crossover = createCrossoverKernels(memory);
const splitter = FREE + 0x2000;
const low = [-771751936, 1811939328, 8388608, 16777216, 8388608, 0, 16384];
const high = [-771751936, 1811939328, 914358272, -1828716544, 914358272, 0, 16384];
resetSplitter(memory, splitter, Int32Array.from([low, high, low, high, low, high].flat()));
const sinks = splitter + SPLITTER_BYTES;
memory.i32.set([DST, DST + 0x200, DST + 0x400, DST + 0x600], sinks >> 2);

const tdfb = createTdfbKernels(memory);
const beam = FREE + 0x3000;
const taps = Int16Array.from({ length: 64 }, (_, k) => (k * 37) % 400);
resetTdfb(memory, { state: beam, sourceChannels: 2, sinkChannels: 2, width: 32 });
const filters = [0, 1, 2, 3].map((i) => ({ input: i & 1, mix: 1 << (i >> 1), shift: 0, taps }));
writeBeam(memory, beam, planBeam(filters), FREE + 0x4000);

const src = createSrcKernels(memory);
const stage = (address: number, name: string) => {
  resetSrcStage(memory, planSrcStage(srcFilter(name)), {
    address,
    channels: 2,
    width: 32,
    unusedFrames: 64,
  });
  return address;
};
const triple = stage(FREE + 0x5000, "3_1_4535");
const half = stage(FREE + 0x8000, "1_2_4535");

const asrc = createAsrcKernels(memory);
const asrcAt = (state: number, from: number) => {
  const filter = asrcFilter(from, 48000) as AsrcFilter;
  resetAsrc(memory, { state, filter, channels: 2, width: 32, from, to: 48000 });
  return state + ((asrcBytes(filter, 2) + 15) & ~15);
};
const steady = FREE + 0xc000;
const moving = asrcAt(steady, 48000);
asrcAt(moving, 44100);

/** A loop of its own for each kernel, so that every call has one target. */
function bench(name: string, run: (iterations: number) => void) {
  return { name, run, unit: "period", realTimeMs: 1 };
}

export const benches = [
  bench("drc 32, noise", (n) => {
    for (let i = 0; i < n; i++) drc.process32(FREE, SRC, DST, FRAMES);
  }),
  bench("crossover 32, 2 bands", (n) => {
    for (let i = 0; i < n; i++) crossover.crossover(splitter, 2, 32, 2, SRC, sinks, FRAMES);
  }),
  bench("crossover 32, 4 bands", (n) => {
    for (let i = 0; i < n; i++) crossover.crossover(splitter, 4, 32, 2, SRC, sinks, FRAMES);
  }),
  bench("tdfb 32, 4 filters of 64 taps", (n) => {
    for (let i = 0; i < n; i++) tdfb.process32(beam, SRC, DST, FRAMES);
  }),
  bench("src stage 3_1 32, 16 frames to 48", (n) => {
    for (let i = 0; i < n; i++) {
      src.append(triple, SRC, 16);
      src.run(triple, 16, DST);
    }
  }),
  bench("src stage 1_2 32, 48 frames to 24", (n) => {
    for (let i = 0; i < n; i++) {
      src.append(half, SRC, 48);
      src.run(half, 24, DST);
    }
  }),
  bench("asrc 32, equal rates", (n) => {
    for (let i = 0; i < n; i++) asrc.push(steady, SRC, FRAMES, DST, 64);
  }),
  bench("asrc 32, 44 frames to 48", (n) => {
    for (let i = 0; i < n; i++) asrc.push(moving, SRC, 44, DST, 64);
  }),
];
