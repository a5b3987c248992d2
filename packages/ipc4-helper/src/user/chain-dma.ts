import { type MessageOfKind, Status } from "@sof-ts/ipc4";
import { assert, EINVAL } from "@sof-ts/kit";
import {
  type LlScheduler,
  type LlTask,
  type LockingStrategy,
  RunAgain,
} from "@sof-ts/ll-scheduler";
import type { ChainEndpoint, ChainRequest } from "../ports.js";

/** Added to a chain's host DMA id, this is its component id (SOF's `IPC4_CHAIN_DMA_COMP_ID_OFFSET`). */
const COMPONENT_ID_OFFSET = 128;
/** Chains run as the reference schedules them: ahead of no pipeline. */
const CHAIN_PRIORITY = 0;

/** A chain that was allocated: two DMA channels over one ring and the task that joins them. */
interface Chain {
  readonly endpoint: ChainEndpoint;
  readonly task: LlTask;
  running: boolean;
}

/** What chains need from their core. */
export interface ChainsConfig {
  readonly scheduler: LlScheduler;
  readonly locking: LockingStrategy;
  readonly core: number;
  open(request: ChainRequest): ChainEndpoint | number;
  /** Whether the graph has a component of this id. */
  taken(componentId: number): boolean;
}

/**
 * DMA chains: streams that go from host to link, or back, without a pipeline (SOF's `chain_dma`). Created,
 * started, paused and freed by the one CHAIN_DMA message. Calling context: the IPC thread of core 0.
 */
export class Chains {
  private readonly config: ChainsConfig;
  private readonly chains = new Map<number, Chain>();

  constructor(config: ChainsConfig) {
    this.config = config;
  }

  /** Chains that are allocated. */
  get count(): number {
    return this.chains.size;
  }

  /** Whether a component id is that of a chain: the graph's ids and these must not meet. */
  has(componentId: number): boolean {
    return this.chains.has(componentId - COMPONENT_ID_OFFSET);
  }

  /** CHAIN_DMA. @returns the reply status */
  *handle(message: MessageOfKind<"chain-dma">): Generator<number, number, number> {
    const { hostDmaId: id, allocate, enable } = message;
    const chain = this.chains.get(id);
    if (chain === undefined) return yield* this.create(message);
    if (allocate) {
      const rc = yield* this.setRunning(chain, enable);
      return rc < 0 ? Status.FAILURE : Status.SUCCESS;
    }
    if (enable) return Status.INVALID_CHAIN_STATE_TRANSITION;
    yield* this.remove(id, chain);
    return Status.SUCCESS;
  }

  /**
   * Stops all chains after their core's LL thread has ended: nothing moves their data any more. The host frees
   * them as ever. Calling context: a kernel thread; blocks.
   */
  *takeDown(): Generator<number, void, number> {
    for (const chain of this.chains.values()) yield* this.setRunning(chain, false);
  }

  private *create(message: MessageOfKind<"chain-dma">): Generator<number, number, number> {
    const { hostDmaId, linkDmaId, fifoSize, scs, allocate, enable } = message;
    if (!allocate && !enable) return Status.SUCCESS;
    const { scheduler } = this.config;
    if (this.config.taken(COMPONENT_ID_OFFSET + hostDmaId)) return Status.FAILURE;
    const request = { hostDmaId, linkDmaId, fifoBytes: fifoSize, sampleBytes: scs ? 2 : 4 };
    const endpoint = this.config.open(request);
    if (typeof endpoint === "number") return Status.FAILURE;
    const task = scheduler.createTask({
      name: `chain ${hostDmaId}`,
      core: this.config.core,
      priority: CHAIN_PRIORITY,
      run: () => {
        endpoint.transfer();
        task.cycles = CHAIN_CYCLES;
        return RunAgain.RESCHEDULE;
      },
    });
    const chain: Chain = { endpoint, task, running: false };
    this.chains.set(hostDmaId, chain);
    // A chain that was never allocated cannot be enabled: it is made, refused and taken back.
    const rc = allocate ? yield* this.setRunning(chain, enable) : -EINVAL;
    if (rc >= 0) return Status.SUCCESS;
    yield* this.remove(hostDmaId, chain);
    return Status.FAILURE;
  }

  /** @returns 0, or what the DMA channels say */
  private *setRunning(chain: Chain, run: boolean): Generator<number, number, number> {
    if (chain.running === run) return 0;
    const { locking, core, scheduler } = this.config;
    let rc = 0;
    yield* locking.lock(core);
    if (run) {
      rc = chain.endpoint.start();
      if (rc >= 0) scheduler.scheduleLocked(chain.task);
    } else {
      scheduler.cancelLocked(chain.task);
      chain.endpoint.pause();
    }
    if (rc >= 0) chain.running = run;
    yield* locking.unlock(core);
    return rc;
  }

  private *remove(id: number, chain: Chain): Generator<number, void, number> {
    yield* this.setRunning(chain, false);
    const rc = yield* this.config.scheduler.free(chain.task);
    // The task is off the list and the lock was held: nothing can still run it.
    assert(rc === 0, `chain ${id}: its task is still in use`);
    this.chains.delete(id);
    chain.endpoint.free();
  }
}

/** Cycles of one period of a chain: two position reads and two reloads. */
const CHAIN_CYCLES = 400;
