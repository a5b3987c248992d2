import { assert } from "@sof-ts/kit";
import type { ChainEndpoint, ChainRequest } from "@sof-ts/ipc4-helper";
import type { Kernel } from "@sof-ts/kernel";
import { HandleTable } from "./handle-table.js";

/**
 * DMA chains for the threads of LL and IPC, which have no privileges: system calls with a number for the chain.
 * Calling context of all: thread and user mode; none blocks.
 */
export class ChainCalls {
  private readonly request: (request: ChainRequest) => number;
  private readonly calls: {
    start(handle: number): number;
    pause(handle: number): void;
    transfer(handle: number): void;
    free(handle: number): void;
  };

  /**
   * Calling context: boot; defines system calls.
   *
   * @param open opens a chain on its channels, in kernel mode
   */
  constructor(kernel: Kernel, open: (request: ChainRequest) => ChainEndpoint | number) {
    const chains = new HandleTable<ChainEndpoint>();
    this.request = kernel.defineSyscall("sof_dma_chain_request", {
      run: (request: ChainRequest) => {
        const chain = open(request);
        return typeof chain === "number" ? chain : chains.add(chain);
      },
    });
    const plain = <R>(name: string, operation: (chain: ChainEndpoint, handle: number) => R) =>
      kernel.defineSyscall(name, {
        verify: (handle: number) => chains.get(handle) !== null,
        run: (handle: number) => {
          const chain = chains.get(handle);
          assert(chain !== null, `chain ${handle} is open`);
          return operation(chain, handle);
        },
      });
    this.calls = {
      start: plain("sof_dma_chain_start", (chain) => chain.start()),
      pause: plain("sof_dma_chain_pause", (chain) => chain.pause()),
      transfer: plain("sof_dma_chain_transfer", (chain) => chain.transfer()),
      free: plain("sof_dma_chain_release", (chain, handle) => {
        chain.free();
        chains.remove(handle);
      }),
    };
  }

  /** @returns the chain, or a negative errno */
  open(request: ChainRequest): ChainEndpoint | number {
    const handle = this.request(request);
    if (handle <= 0) return handle;
    const { calls } = this;
    return {
      start: () => calls.start(handle),
      pause: () => calls.pause(handle),
      transfer: () => calls.transfer(handle),
      free: () => calls.free(handle),
    };
  }
}
