import { type MessageOfKind, Status } from "@sof-ts/ipc4";
import { assert } from "@sof-ts/kit";
import {
  type LlScheduler,
  type LlTask,
  type LockingStrategy,
  RunAgain,
} from "@sof-ts/ll-scheduler";
import type { ChainEndpoint, ChainRequest } from "../ports.js";

/** Reply status of a transition that a chain cannot make. */
const INVALID_CHAIN_STATE_TRANSITION = 3018;
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

  /** CHAIN_DMA. @returns the reply status */
  *handle(message: MessageOfKind<"chain-dma">): Generator<number, number, number> {
    const { hostDmaId: id, allocate, enable } = message;
    const chain = this.chains.get(id);
    if (chain === undefined) return yield* this.create(message);
    if (allocate) {
      yield* this.setRunning(chain, enable);
      return Status.SUCCESS;
    }
    if (enable) return INVALID_CHAIN_STATE_TRANSITION;
    yield* this.remove(id, chain);
    return Status.SUCCESS;
  }

  private *create(message: MessageOfKind<"chain-dma">): Generator<number, number, number> {
    const { hostDmaId, linkDmaId, fifoSize, scs, allocate, enable } = message;
    if (!allocate && !enable) return Status.SUCCESS;
    const { scheduler } = this.config;
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
    if (!allocate) {
      yield* this.remove(hostDmaId, chain);
      return Status.FAILURE;
    }
    yield* this.setRunning(chain, enable);
    return Status.SUCCESS;
  }

  private *setRunning(chain: Chain, run: boolean): Generator<number, void, number> {
    if (chain.running === run) return;
    const { locking, core, scheduler } = this.config;
    yield* locking.lock(core);
    if (run) {
      chain.endpoint.start();
      scheduler.scheduleLocked(chain.task);
    } else {
      scheduler.cancelLocked(chain.task);
      chain.endpoint.pause();
    }
    chain.running = run;
    yield* locking.unlock(core);
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
