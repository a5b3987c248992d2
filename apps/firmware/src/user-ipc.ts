import { assert } from "@sof-ts/kit";
import {
  Chains,
  type ChainsConfig,
  IpcUserThread,
  makeUserHandler,
  type UserContext,
} from "@sof-ts/ipc4-helper";
import type { Kernel, MemDomain, Sem } from "@sof-ts/kernel";
import type { LlDomain, LockingStrategy } from "@sof-ts/ll-scheduler";
import type { AudioGraph, PipelinePositions } from "@sof-ts/pipeline";

/** What the unprivileged half of IPC works with. */
export interface UserIpcParts {
  readonly kernel: Kernel;
  readonly cores: number;
  readonly domain: LlDomain;
  readonly locking: LockingStrategy;
  readonly memoryDomain: MemDomain;
  readonly stackBytes: number;
  /** Bytes of the largest payload, either way. */
  readonly payloadBytes: number;
  readonly graph: AudioGraph;
  readonly firmware: UserContext["firmware"];
  readonly openChain: ChainsConfig["open"];
  /** The table of pipeline positions; null before core 0 is initialised. */
  readonly positions: () => PipelinePositions | null;
}

/** The unprivileged half of IPC: a thread for each core, and what the threads of all cores share. */
export class UserIpc {
  private readonly parts: UserIpcParts;
  private readonly transfers: UserContext["transfers"] = new WeakMap();
  /** DMA chains, all on core 0; made when that core is up. */
  private chains: Chains | null = null;

  constructor(parts: UserIpcParts) {
    this.parts = parts;
  }

  /**
   * Makes a core's IPC thread, not started yet, with the ports and locks that it may use. Calling context: kernel
   * thread on that core, its LL domain is up.
   *
   * @param triggersDone given when the LL thread has made the state changes of a message
   * @returns null without memory
   */
  makeThread(core: number, triggersDone: Sem): IpcUserThread | null {
    const { kernel, cores, locking, memoryDomain, stackBytes, payloadBytes, graph, firmware } =
      this.parts;
    const chains = (this.chains ??= this.makeChains(core));
    return IpcUserThread.create({
      kernel,
      core,
      userMode: locking.userMode,
      memoryDomain,
      stackBytes,
      handler: makeUserHandler({
        core,
        graph,
        chains,
        firmware,
        triggersDone,
        transfers: this.transfers,
      }),
      payloadBytes,
      grant: (thread) => {
        for (let other = 0; other < cores; other++) locking.grant(thread, other);
        this.parts.positions()?.grantAccess(thread);
        kernel.accessGrant(triggersDone, thread);
      },
    });
  }

  /** Stops the DMA chains of a core whose LL thread has ended. Calling context: a kernel thread; blocks. */
  *takeChainsDown(core: number): Generator<number, void, number> {
    if (core === 0 && this.chains !== null) yield* this.chains.takeDown();
  }

  private makeChains(core: number): Chains {
    const { domain, locking, openChain, graph } = this.parts;
    const scheduler = domain.scheduler(core);
    assert(scheduler !== null, "an LL domain that is up has a scheduler");
    return new Chains({
      scheduler,
      locking,
      core,
      open: openChain,
      taken: (componentId) => graph.component(componentId) !== null,
    });
  }
}
