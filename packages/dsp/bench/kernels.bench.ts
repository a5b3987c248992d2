import {
  BiquadBank,
  biquadBankBytes,
  createDcBlockKernels,
  createGainKernels,
  createMatrixKernels,
  createMixKernels,
  createPcmKernels,
  FirBank,
  firBankBytes,
  FirFormat,
  volumePatternBytes,
  writeVolumePattern,
} from "../src/index.js";

/** One millisecond of stereo at 48 kHz. */
const FRAMES = 48;
const CHANNELS = 2;
const SAMPLES = FRAMES * CHANNELS;

const SRC = 0x20000;
const DST = 0x21000;
const STATE = 0x22000;

const wasm = new WebAssembly.Memory({ initial: 4, maximum: 4 });
const memory = {
  wasm,
  u8: new Uint8Array(wasm.buffer),
  i16: new Int16Array(wasm.buffer),
  i32: new Int32Array(wasm.buffer),
};

let noise = 1;
for (let i = 0; i < SAMPLES; i++) {
  noise = (Math.imul(noise, 1664525) + 1013904223) | 0;
  memory.i32[(SRC >> 2) + i] = noise >> 3;
}

const pcm = createPcmKernels(memory);
const gain = createGainKernels(memory);
const mix = createMixKernels(memory);
const dc = createDcBlockKernels(memory);
const matrix = createMatrixKernels(memory);

writeVolumePattern(memory, STATE, Int32Array.of(0x40000000, 0x30000000), CHANNELS);
const pattern = volumePatternBytes(CHANNELS);

const section = {
  a2: -0x2e000000,
  a1: 0x6c000000,
  b2: 0x00100000,
  b1: 0x00200000,
  b0: 0x00100000,
  shift: 0,
  gain: 0x4000,
};
const last = { ...section, shift: -3, gain: 0x3000 };

function biquads(
  address: number,
  sections: (typeof section)[],
  inSeries = sections.length,
): BiquadBank {
  const bytes = biquadBankBytes(CHANNELS, sections.length);
  const bank = new BiquadBank(memory, address, bytes, CHANNELS);
  bank.configure(Array.from({ length: CHANNELS }, () => ({ sections, inSeries })));
  return bank;
}

function fir(address: number, length: number): FirBank {
  const bank = new FirBank(memory, address, firBankBytes(CHANNELS, length), CHANNELS);
  const taps = Int16Array.from({ length }, (_, k) => Math.round(12000 / (1 + k)));
  bank.configure(Array.from({ length: CHANNELS }, () => ({ taps, shift: 0 })));
  return bank;
}

const twoBiquads = biquads(0x23000, [section, last]);
const fiveBiquads = biquads(0x23800, [section, section, section, section, last]);
const parallelBiquads = biquads(0x24800, [section, last], 1);
const fir64 = fir(0x26000, 64);
const fir256 = fir(0x2a000, 256);
memory.i32.set([0x3eb851ec, 0, 0, 0x3eb851ec, 0, 0], (STATE >> 2) + 64);
memory.i16.set([1024, 512, 0, 0, 0, 0, 0, 0, -300, 1024], (STATE >> 1) + 256);

/** A loop of its own for each kernel, so that every call has one target. */
function bench(name: string, run: (iterations: number) => void) {
  return { name, run, unit: "period", realTimeMs: 1 };
}

export const benches = [
  bench("copy 32 bit", (n) => {
    for (let i = 0; i < n; i++) pcm.copyBytes(SRC, DST, SAMPLES * 4);
  }),
  bench("s16 to s32", (n) => {
    for (let i = 0; i < n; i++) pcm.s16ToS32(SRC, DST, SAMPLES);
  }),
  bench("s32 to s16", (n) => {
    for (let i = 0; i < n; i++) pcm.s32ToS16(SRC, DST, SAMPLES);
  }),
  bench("s32 to s24", (n) => {
    for (let i = 0; i < n; i++) pcm.s32ToS24(SRC, DST, SAMPLES);
  }),
  bench("s32 to float", (n) => {
    for (let i = 0; i < n; i++) pcm.s32ToFloat(SRC, DST, SAMPLES);
  }),
  bench("remap 2 to 4 channels", (n) => {
    for (let i = 0; i < n; i++) pcm.remap(SRC, 4, 2, DST, 4, 4, 0x1010, 0, FRAMES);
  }),
  bench("gain s16", (n) => {
    for (let i = 0; i < n; i++) gain.gainS16(SRC, DST, SAMPLES, STATE, pattern);
  }),
  bench("gain s32", (n) => {
    for (let i = 0; i < n; i++) gain.gainS32(SRC, DST, SAMPLES, STATE, pattern);
  }),
  bench("level s32", (n) => {
    for (let i = 0; i < n; i++) gain.levelS32(SRC, DST, SAMPLES, 0x00c00000);
  }),
  bench("peak meter s32", (n) => {
    for (let i = 0; i < n; i++) gain.peaks32(SRC, FRAMES, CHANNELS, STATE + 512, 0);
  }),
  bench("mix add s32", (n) => {
    for (let i = 0; i < n; i++) mix.mixAddS32(SRC, DST, SAMPLES, 1024);
  }),
  bench("mix add s32, gain", (n) => {
    for (let i = 0; i < n; i++) mix.mixAddS32(SRC, DST, SAMPLES, 777);
  }),
  bench("2 biquads", (n) => {
    for (let i = 0; i < n; i++) twoBiquads.run(SRC, DST, FRAMES);
  }),
  bench("5 biquads", (n) => {
    for (let i = 0; i < n; i++) fiveBiquads.run(SRC, DST, FRAMES);
  }),
  bench("2 biquads in parallel (scalar)", (n) => {
    for (let i = 0; i < n; i++) parallelBiquads.run(SRC, DST, FRAMES);
  }),
  bench("FIR 64 taps s32", (n) => {
    for (let i = 0; i < n; i++) fir64.run(FirFormat.S32, SRC, DST, FRAMES);
  }),
  bench("FIR 64 taps s16", (n) => {
    for (let i = 0; i < n; i++) fir64.run(FirFormat.S16, SRC, DST, FRAMES);
  }),
  bench("FIR 256 taps s32", (n) => {
    for (let i = 0; i < n; i++) fir256.run(FirFormat.S32, SRC, DST, FRAMES);
  }),
  bench("DC blocker", (n) => {
    for (let i = 0; i < n; i++) dc.dcBlock(SRC, DST, FRAMES, CHANNELS, STATE + 256);
  }),
  bench("matrix 2 to 2 s32", (n) => {
    for (let i = 0; i < n; i++) matrix.matrixS32(SRC, 2, DST, 2, STATE + 512, FRAMES);
  }),
];
