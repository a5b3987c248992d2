import { assert, EventQueue } from "@sof-ts/kit";
import {
  type Blocking,
  type Chooser,
  type FatalInfo,
  K_FOREVER,
  Kernel,
  type KernelOptions,
  type KernelTrace,
  KHeap,
  MemAttr,
  type Thread,
  type ThreadBody,
} from "@sof-ts/kernel";
import {
  AudioMemory,
  type AudioModule,
  AudioStream,
  type ModuleDriver,
  type ModuleServices,
} from "@sof-ts/module-api";
import {
  type IsolatedHandle,
  type IsolationRequest,
  type LostOperation,
  ModuleHeap,
  PerCoreWorkers,
  type ProxiedModule,
  UserspaceProxy,
  type UserspaceProxyConfig,
} from "@sof-ts/userspace-proxy";

/** Cycles of a 400 MHz core. */
export const MS = 400_000;
export const US = 400;

const MAILBOX = 0xa000_0000;
const HEAPS = 0xa010_0000;
/** From the cached to the uncached alias of memory. */
export const UNCACHED = -0x6000_0000;
export const HEAP_BYTES = 0x4000;

export interface MachineOptions {
  readonly cpus?: number;
  readonly chooser?: Chooser;
  readonly kernel?: KernelOptions;
  readonly proxy?: Partial<UserspaceProxyConfig>;
  readonly onFatal?: "abort-thread" | "halt";
  readonly trace?: KernelTrace;
  /** Bytes of the workers' pool. */
  readonly pool?: number;
}

/** A firmware with nothing but a proxy and an IPC thread in user mode on each core. */
export class Machine {
  readonly kernel: Kernel;
  readonly pool: KHeap;
  readonly mailbox = new Uint8Array(4096);
  readonly proxy: UserspaceProxy;
  readonly lost: LostOperation[] = [];
  readonly fatals: FatalInfo[] = [];
  private heaps = 0;
  private readonly unfinished = new Set<string>();

  constructor(options: MachineOptions = {}) {
    const { cpus = 1 } = options;
    this.kernel = new Kernel({
      cpus,
      cyclesPerSecond: 400e6,
      ticksPerSecond: 15_000,
      events: new EventQueue(),
      chooser: options.chooser ?? null,
      trace: options.trace ?? null,
      options: { maxThreadBytes: 3, maxDomainPartitions: 32, ...options.kernel },
      onFatal: (info) => {
        // An expectation that failed inside a thread fails the test.
        if (info.cause instanceof Error && info.cause.name === "AssertionError") throw info.cause;
        this.fatals.push(info);
        return options.onFatal ?? "abort-thread";
      },
    });
    for (let cpu = 1; cpu < cpus; cpu++) this.kernel.startCpu(cpu);
    this.pool = new KHeap(this.kernel, { base: 0x1000, size: options.pool ?? 0x2_0000 }, "pool");
    this.proxy = new UserspaceProxy({
      kernel: this.kernel,
      cores: cpus,
      pool: this.pool,
      CONFIG_SOF_USERSPACE_PROXY_WORKER_STACK_SIZE: 2048,
      mailbox: {
        bytes: this.mailbox,
        address: MAILBOX,
        partitions: [
          { start: MAILBOX, size: 4096, attr: MemAttr.P_RO_U_RO | MemAttr.CACHED_WB },
          { start: MAILBOX + UNCACHED, size: 4096, attr: MemAttr.P_RO_U_RO | MemAttr.UNCACHED },
        ],
      },
      onLost: (lost) => this.lost.push(lost),
      ...options.proxy,
    });
  }

  get workers(): PerCoreWorkers {
    const { runner } = this.proxy;
    assert(runner instanceof PerCoreWorkers, "the machine has a single worker");
    return runner;
  }

  /** Memory for one more module. */
  heap(size = HEAP_BYTES): ModuleHeap {
    const base = HEAPS + this.heaps++ * 0x10_0000;
    return new ModuleHeap({ base, size, uncachedOffset: UNCACHED });
  }

  /** The IPC thread of `core`: as the firmware has it, in user mode, pinned, cooperative. */
  ipc(
    core: number,
    body: (thread: Thread) => ThreadBody,
    { user = true, name = `ipc${core}` } = {},
  ): Thread {
    const { unfinished } = this;
    unfinished.add(name);
    const thread = this.kernel.createThread({
      name,
      priority: -1,
      user,
      delay: K_FOREVER,
      *entry(self) {
        yield* body(self);
        unfinished.delete(name);
      },
    });
    thread.cpuPin(core);
    thread.startNow();
    return thread;
  }

  /** Runs until nothing is left to do. All IPC threads have come to their end then. */
  run(): void {
    const { reason } = this.kernel.run(this.kernel.now + 10_000 * MS);
    assert(reason === "idle" || reason === "until", `the machine ${reason}`);
    const fatals = this.fatals.map(({ message }) => message).join("; ");
    assert(
      this.unfinished.size === 0,
      `still running: ${[...this.unfinished].join(", ")}; faults: ${fatals}`,
    );
  }

  /** Nothing of any module or worker is left. */
  expectClean(heaps: readonly ModuleHeap[] = []): void {
    assert(this.proxy.instances === 0, `${this.proxy.instances} instances are left`);
    const { allocatedBytes } = this.pool.stats();
    assert(allocatedBytes === 0, `${allocatedBytes} bytes of the pool are left`);
    for (const heap of heaps) assert(heap.used === 0, `${heap.used} bytes of a heap are left`);
  }

  /** Asks the proxy for an instance of `module` on `core`. */
  create(
    core: number,
    module:
      | ProxiedModule
      | number
      | ((services: ModuleServices, payload: Uint8Array) => AudioModule | number),
    more: Partial<IsolationRequest> = {},
  ): Blocking<IsolatedHandle | number> {
    const driver: ModuleDriver = {
      manifest: {
        name: "TEST",
        uuid: "8bd2a2cb-9f5c-4c2b-8ad0-6c8d2f0f0b11",
        initConfig: "base",
        maxInstances: 8,
        domain: "DP",
        configs: [],
      },
      create: typeof module === "function" ? module : () => module,
    };
    return this.proxy.create({
      driver,
      services: services(core),
      payload: this.mailbox.subarray(0, 40),
      heap: this.heap(),
      ...more,
    });
  }

  /** {@link create} that has to succeed. */
  *made(...args: Parameters<Machine["create"]>): Blocking<IsolatedHandle> {
    const result = yield* this.create(...args);
    if (typeof result === "number") throw new Error(`create returned ${result}`);
    return result;
  }
}

const refuse = (): never => {
  throw new Error("not part of this test");
};

export function services(core: number, instanceId = 0): ModuleServices {
  return {
    moduleId: 0x55,
    instanceId,
    pipelineId: 1,
    core,
    periodUs: 1000,
    heap: { memory: undefined as never, alloc: refuse, free: refuse },
    registers: { writePeakVolume: refuse, clearPeakVolume: refuse, writePipelineRegisters: refuse },
    openGateway: refuse,
    notify: refuse,
    reportXrun: refuse,
  };
}

/** A module that notes what it is asked, where, and answers what it is told to. */
export class TestModule implements ProxiedModule {
  readonly log: string[] = [];
  lastOperationCycles = 100;
  result = 0;
  mode = 0;
  private readonly note: (what: string) => void;

  /** @param note called in each operation, to look at the machine from there */
  constructor(note: (what: string) => void = () => undefined) {
    this.note = note;
  }

  private did(what: string): number {
    this.log.push(what);
    this.note(what);
    return this.result;
  }

  prepare = (sources: readonly AudioStream[], sinks: readonly AudioStream[]) =>
    this.did(`prepare ${sources.length}:${sinks.length}`);
  process = (sources: readonly AudioStream[], sinks: readonly AudioStream[]) =>
    this.did(`process ${sources.length}:${sinks.length}`);
  reset = () => this.did("reset");
  free = () => void this.did("free");
  setConfiguration = (id: number, position: string, size: number, fragment: Uint8Array) =>
    this.did(`set ${id} ${position} ${size} ${[...fragment].join()}`);
  getConfiguration = (id: number, out: Uint8Array) => {
    this.did(`get ${id} ${out[0]}`);
    out.fill(7);
    return this.result;
  };
  setConfigParam = (id: number, value: number) => this.did(`set param ${id} ${value}`);
  getConfigParam = (id: number) => this.did(`get param ${id}`);
  bind = ({ side, queueId }: { side: string; queueId: number }) =>
    this.did(`bind ${side} ${queueId}`);
  unbind = ({ side, queueId }: { side: string; queueId: number }) =>
    this.did(`unbind ${side} ${queueId}`);
  trigger = (command: string) => this.did(`trigger ${command}`);
  setProcessingMode = (mode: number) => {
    this.mode = mode;
    return this.did("set mode");
  };
  getProcessingMode = () => {
    this.did("get mode");
    return this.mode;
  };
}

/** A ring of stereo S32. */
export function ring(memory: AudioMemory, index: number, bytes = 768): AudioStream {
  const S32_LE = 2;
  const stream = new AudioStream(memory, AudioMemory.RESERVED_BYTES + index * 1024, bytes);
  stream.setParams({
    rate: 48_000,
    channels: 2,
    frameFmt: S32_LE,
    validFmt: S32_LE,
    channelMap: 0xffff_ff10,
  });
  return stream;
}
