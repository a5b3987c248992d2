import { assert, type Cycles, EventQueue, SimEvent } from "@sof-ts/kit";
import {
  type Chooser,
  type CostTable,
  type FatalPolicy,
  Kernel,
  type KernelOptions,
  type KernelTrace,
  K_FOREVER,
  KHeap,
  MemDomain,
  type MemPartition,
  SysHeap,
  type Thread,
  zeroCosts,
} from "@sof-ts/kernel";
import {
  ComponentMutexLocking,
  KernelLlLocking,
  LlDomain,
  type LlScheduler,
  type LockingStrategy,
  UserLlLocking,
} from "@sof-ts/ll-scheduler";
import { type AudioAllocator, AudioMemory, AudioStream, FrameFmt } from "@sof-ts/module-api";
import { BudgetScheduler, DpScheduler, type DpTask } from "../src/index.js";

/** Cycles of a millisecond at 400 MHz. */
export const MS = 400_000;

const strategies = {
  "user-ll": (kernel: Kernel, cores: number) => new UserLlLocking(kernel, cores),
  "kernel-ll": (kernel: Kernel, cores: number) => new KernelLlLocking(kernel, cores),
  "component-mutex": (kernel: Kernel, cores: number) => new ComponentMutexLocking(kernel, cores),
};
export type Locking = keyof typeof strategies;
export const lockings = Object.keys(strategies) as readonly Locking[];

export interface MachineOptions {
  readonly cores?: number;
  readonly locking?: Locking;
  readonly costs?: CostTable;
  readonly chooser?: Chooser | null;
  readonly trace?: KernelTrace;
  readonly kernel?: KernelOptions;
  readonly onFatal?: FatalPolicy;
  readonly waitMs?: number;
  readonly maxTasks?: number;
  readonly quantumTicks?: number;
  readonly allowsPartition?: (partition: MemPartition) => boolean;
  readonly onDeadlineMiss?: (task: DpTask) => void;
  /** Bytes of the resource pool of kernel objects. */
  readonly poolBytes?: number;
}

/** A DSP with an LL domain on each core, ticking every millisecond, and both schedulers of threads. */
export class Machine {
  readonly events = new EventQueue();
  readonly kernel: Kernel;
  readonly cores: number;
  readonly locking: LockingStrategy;
  readonly domain: LlDomain;
  readonly pool: KHeap;
  readonly dp: DpScheduler;
  readonly budget: BudgetScheduler;
  /** The LL domain's memory. */
  readonly heap = new TestHeap();
  private readonly timers: SimEvent[] = [];

  constructor(options: MachineOptions = {}) {
    const { cores = 1, costs = zeroCosts, locking = "user-ll" } = options;
    this.cores = cores;
    const kernel = new Kernel({
      cpus: cores,
      cyclesPerSecond: 400e6,
      ticksPerSecond: 15_000,
      events: this.events,
      costs,
      chooser: options.chooser ?? null,
      ...(options.trace === undefined ? {} : { trace: options.trace }),
      ...(options.kernel === undefined ? {} : { options: options.kernel }),
      ...(options.onFatal === undefined ? {} : { onFatal: options.onFatal }),
    });
    this.kernel = kernel;
    this.locking = strategies[locking](kernel, cores);
    this.pool = new KHeap(kernel, { base: 0x1000_0000, size: options.poolBytes ?? 0x4_0000 });
    const memoryDomain = new MemDomain(kernel, "ll");
    memoryDomain.init();
    this.domain = new LlDomain({
      kernel,
      locking: this.locking,
      cores,
      periodUs: 1000,
      memoryDomain,
      stackBytes: 8192,
      threadName: "ll_thread",
      ticks: {
        start: (core, _periodUs, isr) => this.startTimer(core, isr),
        stop: (core) => this.events.cancel(this.timers[core] as SimEvent),
      },
    });
    const common = {
      kernel,
      domain: this.domain,
      cores,
      userMode: this.locking.userMode,
      objects: this.pool,
      ...(options.waitMs === undefined ? {} : { waitMs: options.waitMs }),
      ...(options.allowsPartition === undefined
        ? {}
        : { allowsPartition: options.allowsPartition }),
      ...(options.maxTasks === undefined ? {} : { maxTasks: options.maxTasks }),
    };
    const { quantumTicks, onDeadlineMiss } = options;
    this.dp = new DpScheduler(
      onDeadlineMiss === undefined ? common : { ...common, onDeadlineMiss },
    );
    this.budget = new BudgetScheduler({
      ...common,
      ...(quantumTicks === undefined ? {} : { quantumTicks }),
    });
    for (let core = 0; core < cores; core++) {
      if (core > 0) kernel.startCpu(core);
      const result = this.domain.threadInit(core).next();
      assert(result.done === true && result.value === 0, `LL domain of core ${core}`);
    }
  }

  scheduler(core: number): LlScheduler {
    return this.domain.scheduler(core) as LlScheduler;
  }

  /** What is in use; equal before and after when nothing leaks. */
  get resources() {
    return {
      objects: this.kernel.objects.size,
      threads: this.kernel.threads.size,
      poolBytes: this.pool.chunks.stats().allocatedBytes,
      llTasks: Array.from({ length: this.cores }, (_, core) => this.scheduler(core).taskCount),
      memoryDomains: this.dp.memoryDomains + this.budget.memoryDomains,
      heapBlocks: this.heap.blocks,
    };
  }

  /** An IPC thread of `core`: in user mode where the LL threads are, with the LL lock of every core. */
  ipc(
    body: () => Generator<number, void, number>,
    options: { readonly core?: number; readonly priority?: number; readonly name?: string } = {},
  ): Thread {
    const { kernel, locking } = this;
    const { core = 0, priority = -1, name = `ipc${core}` } = options;
    const thread = kernel.createThread({
      name,
      priority,
      user: locking.userMode,
      delay: K_FOREVER,
      entry: body,
    });
    thread.cpuPin(core);
    for (let other = 0; other < this.cores; other++) locking.grant(thread, other);
    thread.startNow();
    return thread;
  }

  /** Runs up to `ms` milliseconds of virtual time. @throws when the kernel has halted */
  runTo(ms: number): void {
    const { fatal } = this.kernel.run(ms * MS);
    assert(fatal === null, `kernel halted: ${fatal?.message ?? ""}`);
  }

  /** Runs an operation in an IPC thread and waits for its result. @throws when it does not end in time */
  do<T>(operation: () => Generator<number, T, number>, core = 0, limitMs = 2000): T {
    const outcome: { value?: T } = {};
    this.ipc(
      function* () {
        outcome.value = yield* operation();
      },
      { core },
    );
    const limit = this.kernel.now + limitMs * MS;
    const done = this.kernel.runUntil(() => "value" in outcome, limit);
    assert(done, `no result in ${limitMs} ms`);
    return outcome.value as T;
  }

  private startTimer(core: number, isr: () => void): void {
    const { kernel, events } = this;
    kernel.irqConnect(core, 3, isr);
    kernel.irqEnable(core, 3);
    const timer = new SimEvent(`timer ${core}`, () => {
      events.schedule(timer, (events.now + MS) as Cycles);
      kernel.irqRaise(core, 3);
    });
    this.timers[core] = timer;
    events.schedule(timer, (events.now + MS) as Cycles);
  }
}

/** An allocator that fills what is given back with rubbish and counts what is out. */
export class TestHeap implements AudioAllocator {
  readonly memory: AudioMemory;
  private readonly heap: SysHeap;
  private readonly sizes = new Map<number, number>();
  /** Allocations that still succeed. */
  budget = Number.POSITIVE_INFINITY;

  constructor(byteLength = 0x2_0000) {
    this.memory = new AudioMemory(AudioMemory.RESERVED_BYTES + byteLength);
    this.heap = new SysHeap({ base: AudioMemory.RESERVED_BYTES, size: byteLength });
  }

  get blocks(): number {
    return this.sizes.size;
  }

  alloc(byteLength: number, align = 16): number {
    if (this.budget-- <= 0) return 0;
    const address = this.heap.alignedAlloc(align, byteLength);
    if (address !== 0) {
      this.sizes.set(address, byteLength);
      this.memory.u8.fill(0, address, address + byteLength);
    }
    return address;
  }

  free(address: number): void {
    if (address === 0) return;
    const size = this.sizes.get(address);
    assert(size !== undefined, `freed twice or never allocated: ${address}`);
    this.memory.u8.fill(0xa5, address, address + size);
    this.sizes.delete(address);
    this.heap.free(address);
  }
}

/** Stereo, 32 bit, 48 kHz: 384 bytes a millisecond. */
export const FORMAT = {
  rate: 48_000,
  channels: 2,
  frameFmt: FrameFmt.S32_LE,
  validFmt: FrameFmt.S32_LE,
  channelMap: 0xffff_ff10,
};
export const MS_BYTES = 384;
export const MS_SAMPLES = 96;

/** An LL stream of `size` bytes whose both ends run. */
export function llStream(heap: TestHeap, size: number): AudioStream {
  const stream = new AudioStream(heap.memory, heap.alloc(size), size);
  stream.setParams(FORMAT);
  stream.producerActive = true;
  stream.consumerActive = true;
  return stream;
}
