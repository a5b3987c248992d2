import {
  createSrcKernels,
  type KernelMemory,
  planSrcStage,
  resetSrcStage,
  srcFilter,
  type SrcKernels,
  srcStageBytes,
} from "@sof-ts/dsp";

/** First address that kernels do not keep for their tables. */
export const FIRST_FREE = 0x20000;
/** Frames that go through at a time. */
const CHUNK = 2048;

/** A memory for kernels of at least so many bytes. */
export function memoryOf(byteLength: number): KernelMemory {
  const pages = Math.ceil(byteLength / 0x10000);
  const wasm = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { buffer } = wasm;
  return {
    wasm,
    u8: new Uint8Array(buffer),
    i16: new Int16Array(buffer),
    i32: new Int32Array(buffer),
  };
}

interface Stage {
  readonly address: number;
  readonly l: number;
  readonly m: number;
  waiting: number;
}

/** Puts a mono signal of 32-bit samples through the stages of a conversion, with the arithmetic of the module. */
export function convert(filters: readonly string[], samples: Int32Array): Int32Array {
  if (filters.length === 0) return samples;
  const plans = filters.map((name) => planSrcStage(srcFilter(name)));
  // The largest step up is by 64/21 in one stage, by 24 in two; what waits for a block comes on top.
  const room = 32 * CHUNK;
  const bytes = plans.reduce((sum, plan) => sum + srcStageBytes(plan, 1, room), 0);
  const memory = memoryOf(FIRST_FREE + bytes + 3 * room * 4);
  const kernels = createSrcKernels(memory);
  let address = FIRST_FREE;
  const stages = plans.map((plan): Stage => {
    resetSrcStage(memory, plan, { address, channels: 1, width: 32, unusedFrames: room });
    const stage = { address, l: plan.filter.interpolation, m: plan.filter.decimation, waiting: 0 };
    address += srcStageBytes(plan, 1, room);
    return stage;
  });
  const parts: Int32Array[] = [];
  for (let at = 0; at < samples.length; at += CHUNK) {
    const part = samples.subarray(at, at + CHUNK);
    memory.i32.set(part, address >> 2);
    let frames = part.length;
    let from = address;
    for (const stage of stages) {
      const to = from === address ? address + room * 4 : address;
      frames = runStage(kernels, stage, from, frames, to);
      from = to;
    }
    parts.push(memory.i32.slice(from >> 2, (from >> 2) + frames));
  }
  const out = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** @returns frames at `to` */
function runStage(
  kernels: SrcKernels,
  stage: Stage,
  from: number,
  frames: number,
  to: number,
): number {
  kernels.appendWide(stage.address, from, frames);
  stage.waiting += frames;
  const blocks = Math.floor(stage.waiting / stage.m);
  stage.waiting -= blocks * stage.m;
  kernels.run(stage.address, blocks, to);
  return blocks * stage.l;
}
