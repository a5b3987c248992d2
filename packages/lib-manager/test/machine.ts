import { type Cycles, EventQueue, ETIMEDOUT } from "@sof-ts/kit";
import {
  type Blocking,
  type FatalInfo,
  Kernel,
  type KernelOptions,
  MemAttr,
  MemDomain,
  SysHeap,
} from "@sof-ts/kernel";
import {
  type LibraryDescription,
  type UnitDescription,
  writeLibrary,
} from "@sof-ts/firmware-image";
import type { AudioModule } from "@sof-ts/module-api";
import {
  type LibraryDma,
  type LibraryEvent,
  LibraryManager,
  type LibraryManagerConfig,
  ModelLibraryMemory,
} from "@sof-ts/lib-manager";
import { PlainWasm, type RunningModule, servicesFor } from "./wasm.js";

/** The user heap of the LL domain. */
export const HEAP = { base: 0x4000_0000, size: 0x2000 };

/** A host DMA channel that gives out bytes from an array, in time or not. */
export class ArrayDma implements LibraryDma {
  closed = 0;
  readonly blocks: number[] = [];
  private at = 0;
  private readonly kernel: Kernel;
  private readonly bytes: () => Uint8Array;

  constructor(kernel: Kernel, bytes: () => Uint8Array) {
    this.kernel = kernel;
    this.bytes = bytes;
  }

  *readBlock(into: Uint8Array, timeoutUs: number): Blocking<number> {
    this.blocks.push(into.length);
    yield* this.kernel.sleep(1000);
    const bytes = this.bytes();
    if (this.at + into.length > bytes.length) {
      yield* this.kernel.sleep(timeoutUs * 1000);
      return -ETIMEDOUT;
    }
    into.set(bytes.subarray(this.at, this.at + into.length));
    this.at += into.length;
    return 0;
  }

  close(): void {
    this.closed++;
  }
}

type Settings = Partial<LibraryManagerConfig> & {
  readonly options?: KernelOptions;
  readonly sramBytes?: number;
  readonly dramBytes?: number;
};

/** A machine of two CPUs with a library manager in it. */
export class Machine {
  readonly kernel: Kernel;
  readonly llDomain: MemDomain;
  readonly heap = new SysHeap(HEAP, "user heap");
  readonly memory: ModelLibraryMemory;
  readonly wasm = new PlainWasm();
  readonly manager: LibraryManager;
  readonly events: LibraryEvent[] = [];
  readonly faults: FatalInfo[] = [];
  /** What the host sends next. */
  sent: Uint8Array = new Uint8Array(0);
  readonly channels: ArrayDma[] = [];
  /** What `open` answers in place of a channel. */
  dmaError = 0;

  constructor(settings: Settings = {}) {
    const { options, sramBytes = 0x10_0000, dramBytes = 0x10_0000, ...config } = settings;
    this.kernel = new Kernel({
      cpus: 2,
      cyclesPerSecond: 400e6,
      ticksPerSecond: 15_000,
      events: new EventQueue(),
      options: { maxDomainPartitions: 32, ...options },
      onFatal: (info) => {
        this.faults.push(info);
        return "abort-thread";
      },
    });
    const { kernel } = this;
    kernel.startCpu(1);
    this.llDomain = new MemDomain(kernel, "zephyr_ll_mem_domain");
    this.llDomain.init([{ start: HEAP.base, size: HEAP.size, attr: MemAttr.P_RW_U_RW }]);
    this.memory = new ModelLibraryMemory({
      dram: { base: 0xa100_0000, size: dramBytes },
      sramBytes,
    });
    this.manager = new LibraryManager({
      kernel,
      dma: {
        open: () => {
          if (this.dmaError !== 0) return this.dmaError;
          const channel = new ArrayDma(kernel, () => this.sent);
          this.channels.push(channel);
          return channel;
        },
      },
      memory: this.memory,
      virtualRange: { base: 0xa068_0000, size: 0x20_0000 },
      wasm: this.wasm,
      baseModules: new Map(),
      llDomain: this.llDomain,
      driverHeap: this.heap,
      authentication: null,
      onEvent: (event) => this.events.push(event),
      ...config,
    });
  }

  /** Runs `body` in a kernel thread to its end. */
  run<T>(body: () => Blocking<T>, core = 0): T {
    return this.inThread(body, false, core);
  }

  /** Runs `body` in a user thread of the LL domain, as an IPC user thread does. */
  user<T>(body: () => T, core = 0, domain = this.llDomain): T {
    return this.inThread(
      function* () {
        return body();
      },
      true,
      core,
      domain,
    );
  }

  private inThread<T>(
    body: () => Blocking<T>,
    user: boolean,
    core: number,
    domain = this.llDomain,
  ): T {
    const result: { value?: T } = {};
    const { kernel } = this;
    const thread = kernel.createThread({
      name: user ? "ipc user" : "ipc",
      priority: 1,
      user,
      delay: Number.POSITIVE_INFINITY,
      entry: function* () {
        result.value = yield* body();
      },
    });
    thread.cpuPin(core);
    if (user) domain.addThread(thread);
    thread.startNow();
    kernel.run((kernel.now + 10 * 400e6) as Cycles);
    if (!("value" in result))
      throw new Error(`the thread died: ${this.faults.at(-1)?.message ?? ""}`);
    return result.value as T;
  }

  /** The host loads a library from what follows its extended manifest. */
  load(libraryId: number, file: Uint8Array): number {
    this.sent = payloadOf(file);
    return this.run(() => this.manager.load(3, libraryId));
  }

  unload(...libraryIds: number[]): number {
    return this.run(() => this.manager.unload(libraryIds));
  }

  /** An IPC user thread makes an instance. */
  create(moduleId: number, instanceId: number, core = 0): AudioModule | number {
    const driver = this.manager.modules.find(moduleId)?.driver;
    if (driver === undefined) return -2;
    return this.user(
      () => driver.create(servicesFor(moduleId, instanceId, core), new Uint8Array(0)),
      core,
    );
  }

  /** An instance that has to be made. */
  instance(moduleId: number, instanceId: number, core = 0): RunningModule {
    const made = this.create(moduleId, instanceId, core);
    if (typeof made === "number") throw new Error(`no instance: ${made}`);
    return made as RunningModule;
  }

  free(module: AudioModule, core = 0): void {
    this.user(() => module.free(), core);
  }

  /** Everything that could leak. */
  get resources(): object {
    return {
      ...this.manager.use,
      heap: this.heap.stats().allocatedBytes,
      partitions: this.llDomain.partitions.filter((partition) => partition !== null),
      codes: this.wasm.live,
      channels: this.channels.length - this.channels.filter(({ closed }) => closed === 1).length,
      objects: this.kernel.objects.size,
      threads: this.kernel.threads.size,
    };
  }

  get refusals(): readonly string[] {
    return this.events.filter(({ kind }) => kind === "refused").map(({ message }) => message);
  }
}

/** What the host sends of a file. */
export function payloadOf(file: Uint8Array): Uint8Array {
  return file.subarray(new DataView(file.buffer, file.byteOffset).getUint32(4, true));
}

/** UUIDs that are told apart by a number. */
export const uuid = (n: number): string =>
  `${n.toString(16).padStart(8, "0")}-1111-2222-3333-444455556666`;

/** A library of these units. */
export function library(...units: UnitDescription[]): Uint8Array {
  return writeLibrary(describe(...units));
}

export function describe(...units: UnitDescription[]): LibraryDescription {
  return { name: "EXAMPLE", version: { major: 1, minor: 2, hotfix: 3, build: 4 }, units };
}
