import type { Kernel, Thread } from "@sof-ts/kernel";
import { type AccessSite, type Report, siteOf } from "./violation.js";
import type { Watched } from "./watched.js";

/** A block of a heap, and the watched objects in it. */
interface Block {
  readonly size: number;
  readonly objects: Watched[];
}

/** Use and second free of what was freed: watched objects, blocks of heaps, kernel objects and work items. */
export class LifetimeChecker {
  private readonly report: Report;
  private readonly blocks = new Map<number, Block>();
  /** Where a block was that is not there any more, and who freed it. */
  private readonly freedBlocks = new Map<number, AccessSite>();
  private readonly freedObjects = new WeakMap<object, AccessSite>();

  constructor(report: Report) {
    this.report = report;
  }

  access(kernel: Kernel, watched: Watched, field: string, write: boolean): void {
    if (watched.freed === null) return;
    const address = watched.addressOf(field);
    const operation = write ? "write" : "read";
    this.tell(kernel, "use-after-free", { name: watched.name, field, address }, watched.freed, {
      operation,
    });
  }

  /** A watched object is given back. */
  free(kernel: Kernel, watched: Watched): void {
    const { freed, name, address } = watched;
    if (freed === null) watched.freed = siteOf(kernel, "free");
    else
      this.tell(kernel, "double-free", { name, field: "", address }, freed, { operation: "free" });
  }

  /** A heap hands a block out. */
  allocated(address: number, size: number): void {
    this.blocks.set(address, { size, objects: [] });
    this.freedBlocks.delete(address);
  }

  /** An object lies in a block, if in any: it goes with it. */
  place(watched: Watched): void {
    for (const [start, { size, objects }] of this.blocks)
      if (watched.address >= start && watched.address < start + size) objects.push(watched);
  }

  /** A heap gets a block back. */
  freedBlock(kernel: Kernel, address: number): void {
    const block = this.blocks.get(address);
    const site = siteOf(kernel, "free");
    if (block === undefined) {
      const first = this.freedBlocks.get(address) ?? null;
      const name = `block 0x${address.toString(16)}`;
      if (first !== null)
        this.tell(kernel, "double-free", { name, field: "", address }, first, site);
      return;
    }
    this.blocks.delete(address);
    this.freedBlocks.set(address, site);
    for (const watched of block.objects) watched.freed ??= site;
  }

  /** A kernel object, or a work item, is given back. */
  objectFreed(kernel: Kernel, object: object): void {
    const known = this.freedObjects.get(object);
    if (known === undefined) this.freedObjects.set(object, siteOf(kernel, "free"));
    else this.tell(kernel, "double-free", whatIs(object), known, { operation: "free" });
  }

  /** Somebody waits for, takes or gives a kernel object, or submits a work item. */
  used(object: object, actor: Thread): void {
    const freed = this.freedObjects.get(object);
    if (freed === undefined) return;
    const site = siteOf(actor.kernel, "use", actor);
    this.tell(actor.kernel, "use-after-free", whatIs(object), freed, site);
  }

  private tell(
    kernel: Kernel,
    rule: string,
    what: { readonly name: string; readonly field: string; readonly address: number },
    first: AccessSite,
    second: AccessSite | { readonly operation: string },
  ): void {
    const { name: object, field, address } = what;
    const by = "stack" in second ? second : siteOf(kernel, second.operation);
    this.report({ checker: "lifetime", rule, object, field, address, first, second: by });
  }
}

function whatIs(object: object): { name: string; field: string; address: number } {
  const { name, address } = object as { name?: string; address?: number };
  return { name: name ?? "", field: "", address: address ?? 0 };
}
