import { assert } from "@sof-ts/kit";
import type { MemDomain, MemPartition } from "@sof-ts/kernel";
import type { ModuleHeap } from "./memory.js";
import { type ModuleEvent, ModuleState, nextModuleState } from "./module-state.js";
import type { ProxiedModule } from "./proxied-module.js";
import type { OperationRunner } from "./runners.js";
import type { WorkItem } from "./work-item.js";

/** What isolates one instance; all fields but the items' contents are the kernel's. */
export class ModuleContext {
  readonly moduleId: number;
  readonly instanceId: number;
  readonly core: number;
  readonly domain: MemDomain;
  /** What the proxy put into {@link domain}; nothing when the domain is somebody else's. */
  readonly partitions: readonly MemPartition[];
  readonly ownsDomain: boolean;
  readonly heap: ModuleHeap;
  readonly runner: OperationRunner;
  readonly item: WorkItem;
  readonly onFreed: (() => void) | undefined;
  /** For callers on another core than the module's: in memory that all cores see alike. Made when needed. */
  foreignItem: WorkItem | null = null;
  /** The instance, once init has made it. */
  module: ProxiedModule | null = null;
  state: ModuleState = ModuleState.STARTING;

  constructor(parts: {
    readonly moduleId: number;
    readonly instanceId: number;
    readonly core: number;
    readonly domain: MemDomain;
    readonly partitions: readonly MemPartition[];
    readonly ownsDomain: boolean;
    readonly heap: ModuleHeap;
    readonly runner: OperationRunner;
    readonly item: WorkItem;
    readonly onFreed: (() => void) | undefined;
  }) {
    this.moduleId = parts.moduleId;
    this.instanceId = parts.instanceId;
    this.core = parts.core;
    this.domain = parts.domain;
    this.partitions = parts.partitions;
    this.ownsDomain = parts.ownsDomain;
    this.heap = parts.heap;
    this.runner = parts.runner;
    this.item = parts.item;
    this.onFreed = parts.onFreed;
  }

  /** The instance; there is one in every state that a handle can be seen in. */
  get instance(): ProxiedModule {
    const { module } = this;
    assert(module !== null, `module ${this.moduleId} instance ${this.instanceId} is not there`);
    return module;
  }

  /** Moves by the transition table. */
  move(event: ModuleEvent): void {
    const next = nextModuleState(this.state, event);
    assert(next !== null, `an instance that is ${this.state} had "${event}"`);
    this.state = next;
  }
}
