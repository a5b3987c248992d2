import type { Kernel } from "@sof-ts/kernel";
import type { LlDomain } from "@sof-ts/ll-scheduler";
import type { AudioGraph } from "@sof-ts/pipeline";
import type { Soc } from "@sof-ts/soc";
import type { LlHeap } from "./ll-heap.js";

/** What the firmware has in use; equal before and after a stream when nothing leaks. */
export interface ResourceUse {
  readonly heapBlocks: number;
  readonly heapBytes: number;
  readonly kernelObjects: number;
  readonly threads: number;
  readonly dmaChannels: number;
  readonly pipelines: number;
  readonly components: number;
  readonly tasks: number;
}

/** Where resources are taken from. */
export interface ResourceOwners {
  readonly heap: LlHeap;
  readonly kernel: Kernel;
  readonly soc: Soc;
  readonly graph: AudioGraph;
  readonly domain: LlDomain;
}

/** Counts what is in use right now. */
export function countResources(owners: ResourceOwners): ResourceUse {
  const { heap, kernel, soc, graph, domain } = owners;
  let tasks = 0;
  for (let core = 0; core < soc.platform.coreCount; core++)
    tasks += domain.scheduler(core)?.taskCount ?? 0;
  return {
    heapBlocks: heap.use.blocks,
    heapBytes: heap.use.bytes,
    kernelObjects: kernel.objects.size,
    threads: kernel.threads.size,
    dmaChannels: soc.dma.inUse,
    pipelines: graph.pipelines.length,
    components: graph.components.length,
    tasks,
  };
}
