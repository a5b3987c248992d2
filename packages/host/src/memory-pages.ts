const PAGE = 4096;

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/** What the estimate needs of a module. */
export interface ModuleMemory {
  /** Size token of the topology; the driver adds it as plain bytes. */
  readonly isPages: number;
  /** Input bytes of one period. */
  readonly ibs: number;
  /** Runs in a thread of its own instead of the timer tick. */
  readonly dataProcessing: boolean;
}

/**
 * Estimates the pages of one module as the Linux driver does (`sof_ipc4_update_resource_usage`): heap
 * objects of the module, of its task, and eight queues with a buffer each.
 */
export function modulePages({ isPages, ibs, dataProcessing }: ModuleMemory): number {
  const module = 448 + 12 + isPages;
  const task = dataProcessing ? roundUp(104, 64) + 20 : roundUp(72, 64) + 8 * 12 + 12;
  const queues = 8 * (128 + roundUp(ibs, 64));
  return roundUp(module + task + queues, PAGE) / PAGE;
}

/** @returns pages that CREATE_PIPELINE asks for: the sum over the pipeline's modules */
export function pipelinePages(modules: readonly ModuleMemory[]): number {
  return modules.reduce((sum, module) => sum + modulePages(module), 0);
}
