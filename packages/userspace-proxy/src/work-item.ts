import { assert } from "@sof-ts/kit";
import { type Blocking, type Kernel, type KEvent, type Thread, UserWork } from "@sof-ts/kernel";
import { addressInMailbox, type Mailbox } from "./memory.js";
import { carryOut, carryOutInit, operationFacts, OperationParams } from "./operations.js";
import type { ProxiedModule } from "./proxied-module.js";

/** Bytes of a work item: the queue's node, the operation, its parameters and result. */
export const WORK_ITEM_BYTES = 96;
/** Bit of a worker's event: the item is done (SOF's `DP_TASK_EVENT_IPC_DONE`). */
export const DONE_BIT = 1;

/** One access to a work item. */
export interface ItemAccess {
  readonly what: string;
  readonly core: number;
  readonly thread: string;
}

/** A line of cached memory was written on one core and used on another without write-back in between. */
export interface CoherenceViolation {
  readonly rule: "stale-cache-line";
  readonly object: string;
  readonly address: number;
  readonly access: ItemAccess;
  readonly written: ItemAccess;
}

/** What a work item is made of. */
export interface WorkItemConfig {
  readonly kernel: Kernel;
  readonly name: string;
  readonly address: number;
  /** It lies in memory that each core sees through its own cache. */
  readonly cached: boolean;
  readonly mailbox: Mailbox;
  /** Cycles that an operation is charged for when the module does not tell. */
  readonly operationCycles: number;
  readonly onViolation: (violation: CoherenceViolation) => void;
}

/**
 * A module's work item: the parameters that its caller leaves, the operation that the worker carries out,
 * the result that it leaves (SOF's `user_work_item`). It lies in the module's own heap.
 */
export class WorkItem extends UserWork {
  readonly address: number;
  readonly cached: boolean;
  params = new OperationParams("reset");
  /** The instance; set by init. */
  module: ProxiedModule | null = null;
  result = 0;
  done = false;
  /** The event that tells the caller; given by the worker that the item is submitted to. */
  event: KEvent | null = null;
  private freed = false;
  private readonly config: WorkItemConfig;
  private written: ItemAccess | null = null;

  constructor(config: WorkItemConfig) {
    super(() => this.handle());
    this.config = config;
    this.address = config.address;
    this.cached = config.cached;
  }

  /** Begins a request. Calling context: the caller, with the instance to itself. */
  begin(params: OperationParams): void {
    this.touch("write parameters", true);
    this.params = params;
    this.done = false;
    this.result = 0;
  }

  /** @returns the result that the worker left */
  read(): number {
    this.touch("read the result", false);
    return this.result;
  }

  /** The item's memory is given back: nobody may use it from here on. */
  release(): void {
    this.freed = true;
    this.module = null;
    this.params = new OperationParams("reset");
  }

  /** The handler of the work queue. Calling context: the worker, in user mode. */
  private *handle(): Blocking<void> {
    // Read now: once the item is done its caller may give it back.
    const event = this.event as KEvent;
    yield* this.run();
    yield* event.post(DONE_BIT);
  }

  /**
   * The operation itself. The module's effects come at once, the time that they take after that.
   *
   * @returns 0; the module's own result is in {@link result}
   */
  *run(): Blocking {
    const { kernel, mailbox, operationCycles } = this.config;
    const { params } = this;
    const { operation } = params;
    kernel.checkAccess(this.address, WORK_ITEM_BYTES, true);
    this.touch("read parameters", false);
    if (operationFacts[operation].mailbox) {
      const address = addressInMailbox(mailbox, params.bytes);
      if (address !== 0) kernel.checkAccess(address, params.bytes.length, false);
      // Copied once: the mailbox is the host's to change under the module's eyes.
      if (address !== 0) params.bytes = params.bytes.slice();
    }
    let result: number;
    if (operation === "init") {
      const made = carryOutInit(params);
      result = typeof made === "number" ? made : 0;
      if (typeof made !== "number") this.module = made;
    } else result = carryOut(this.module as ProxiedModule, params);
    yield* kernel.busy(this.module?.lastOperationCycles ?? operationCycles);
    kernel.checkAccess(this.address, WORK_ITEM_BYTES, true);
    this.touch("write the result", true);
    this.result = result;
    this.done = true;
    return 0;
  }

  private touch(what: string, write: boolean): void {
    const { kernel, name, onViolation } = this.config;
    assert(!this.freed, `${what} of ${name}, whose work item is freed`);
    if (!this.cached) return;
    const thread: Thread = kernel.current;
    const core = kernel.currentCpu?.id ?? 0;
    const access = { what, core, thread: thread.name };
    const { written } = this;
    if (written !== null && written.core !== core) {
      const object = `work item of ${name}`;
      onViolation({ rule: "stale-cache-line", object, address: this.address, access, written });
    }
    if (write) this.written = access;
  }
}
