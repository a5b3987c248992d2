import {
  type AudioAllocator,
  AudioMemory,
  AudioStream,
  type ModuleServices,
} from "@sof-ts/module-api";
import {
  IsolatedModule,
  type IsolationOptions,
  IsolatedProgram,
  type ModuleFault,
  type SandboxLimits,
} from "@sof-ts/wasm-sandbox";

/** Bytes of a generated module. */
export const binaryOf = ({ wasm }: { readonly wasm: string }): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(wasm, "base64"));

const refuse = (): never => {
  throw new Error("an isolated module has no such service");
};

/** What the firmware gives an instance; an isolated one gets its numbers only. */
export const services: ModuleServices = {
  moduleId: 0x120,
  instanceId: 3,
  pipelineId: 1,
  core: 2,
  periodUs: 1000,
  heap: { memory: undefined as never, alloc: refuse, free: refuse } satisfies AudioAllocator,
  registers: { writePeakVolume: refuse, clearPeakVolume: refuse, writePipelineRegisters: refuse },
  openGateway: refuse,
  notify: refuse,
  reportXrun: refuse,
};

const RATE = 48_000;
const S32_LE = 2;

/** Rings in one memory, 16 bytes apart, filled with a pattern so that stray writes show. */
export class Rings {
  readonly memory = new AudioMemory(0x40000);
  private next = AudioMemory.RESERVED_BYTES;

  ring(bytes: number, { channels = 2, frameFmt = S32_LE as number } = {}): AudioStream {
    const stream = new AudioStream(this.memory, this.next, bytes);
    stream.setParams({
      rate: RATE,
      channels,
      frameFmt: frameFmt as 2,
      validFmt: frameFmt as 2,
      channelMap: 0xffff_ff10,
    });
    this.next += Math.ceil(bytes / 16) * 16 + 16;
    return stream;
  }

  /** Writes samples at the ring's write position and produces them. */
  write(stream: AudioStream, samples: readonly number[]): void {
    for (const sample of samples) {
      this.memory.i32[stream.writePtr >> 2] = sample;
      stream.produce(4);
    }
  }

  /** Takes all samples that wait in a ring. */
  read(stream: AudioStream): number[] {
    const samples: number[] = [];
    while (stream.available > 0) {
      samples.push(this.memory.i32[stream.readPtr >> 2] as number);
      stream.consume(4);
    }
    return samples;
  }
}

/** A module that was made from a binary, with what it reported. */
export interface Made {
  readonly result: IsolatedModule | number;
  readonly faults: ModuleFault[];
  readonly lines: string[];
}

/** Loads a binary and makes an instance of it. */
export function make(
  binary: Uint8Array,
  payload: Uint8Array = new Uint8Array(0),
  options: Partial<IsolationOptions> = {},
  limits: Partial<SandboxLimits> = {},
): Made {
  const faults: ModuleFault[] = [];
  const lines: string[] = [];
  const result = IsolatedModule.create(
    IsolatedProgram.load(binary, "test.wasm", limits),
    services,
    payload,
    {
      maxSources: 2,
      maxSinks: 2,
      processFuel: 1_000_000,
      controlFuel: 1_000_000,
      report: (fault) => faults.push(fault),
      log: (line) => lines.push(line),
      ...options,
    },
  );
  return { result, faults, lines };
}

/** {@link make} of an instance that must come to life. */
export function alive(
  ...args: Parameters<typeof make>
): Made & { readonly module: IsolatedModule } {
  const made = make(...args);
  if (typeof made.result === "number") throw new Error(`create returned ${made.result}`);
  return { ...made, module: made.result };
}

/** Little-endian bytes of 32-bit words. */
export function words(...values: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}
