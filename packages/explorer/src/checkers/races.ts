import type { Cpu, Kernel, Thread } from "@sof-ts/kernel";
import { type AccessSite, type Report, siteOf } from "./violation.js";
import { VectorClocks } from "./vector-clocks.js";
import type { Watched } from "./watched.js";

interface Epoch {
  readonly actor: number;
  readonly time: number;
  readonly site: AccessSite;
}

/** What is known of one field: its last write, and who read it since. */
class FieldHistory {
  /** A race was found: one report says it all. */
  told = false;
  write: Epoch | null = null;
  readonly reads = new Map<number, Epoch>();
}

/**
 * Data races: two accesses to one field, one of them a write, that nothing orders. Works on happens-before, so
 * a run need not show the bad order to have it reported, and no lock is guessed at. Actors outside the machine
 * (the program around `run`, machine events) are not judged.
 */
export class RaceChecker {
  readonly clocks = new VectorClocks();
  private readonly fields = new WeakMap<Watched, Map<string, FieldHistory>>();
  private readonly lines = new Map<Cpu, Map<number, object>>();
  private readonly report: Report;

  constructor(report: Report) {
    this.report = report;
  }

  acquire(object: object, actor: Thread): void {
    this.clocks.acquire(object, this.clocks.actor(actor.kernel, actor));
  }

  release(object: object, actor: Thread): void {
    this.clocks.release(object, this.clocks.actor(actor.kernel, actor));
  }

  threadStart(parent: Thread, child: Thread): void {
    this.clocks.edge(this.clocks.actor(parent.kernel, parent), this.clocks.threadActor(child));
  }

  threadJoin(waiter: Thread, ended: Thread): void {
    this.clocks.edge(this.clocks.threadActor(ended), this.clocks.threadActor(waiter));
  }

  /** A handler follows all masked code and all handlers of its CPU, and is before the next such code. */
  interrupt(interrupted: Thread, entering: boolean, irq: number): void {
    const { kernel } = interrupted;
    const cpu = kernel.currentCpu;
    if (cpu === null) return;
    const actor = this.clocks.actor(kernel, interrupted);
    if (entering) {
      this.clocks.acquire(cpu, actor);
      this.clocks.acquire(this.line(cpu, irq), actor);
    } else {
      this.clocks.release(cpu, actor);
    }
  }

  raise(actor: Thread, cpu: Cpu, irq: number): void {
    this.release(this.line(cpu, irq), actor);
  }

  /** Stands for one interrupt of one CPU. */
  private line(cpu: Cpu, irq: number): object {
    let lines = this.lines.get(cpu);
    if (lines === undefined) {
      lines = new Map();
      this.lines.set(cpu, lines);
    }
    let line = lines.get(irq);
    if (line === undefined) {
      line = {};
      lines.set(irq, line);
    }
    return line;
  }

  access(kernel: Kernel, watched: Watched, field: string, write: boolean): void {
    if (kernel.currentCpu === null) return;
    const { clocks } = this;
    const actor = clocks.actor(kernel, kernel.current);
    const time = clocks.now(actor);
    const history = this.history(watched, field);
    if (history.told) return;
    const last = history.write;
    const known = write ? last : history.reads.get(actor);
    // The same actor again, with no synchronisation in between: it sees what it saw before.
    if (known?.actor === actor && known.time === time && (!write || history.reads.size === 0))
      return;
    const epoch = { actor, time, site: siteOf(kernel, write ? "write" : "read") };
    if (last !== null && !clocks.saw(actor, last.actor, last.time)) {
      history.told = true;
      this.tell(watched, field, write ? "write-after-write" : "read-after-write", last, epoch);
    } else if (write) {
      for (const read of history.reads.values()) {
        if (!clocks.saw(actor, read.actor, read.time)) {
          history.told = true;
          this.tell(watched, field, "write-after-read", read, epoch);
          break;
        }
      }
    }
    if (write) {
      history.write = epoch;
      history.reads.clear();
    } else {
      history.reads.set(actor, epoch);
    }
  }

  private history(watched: Watched, field: string): FieldHistory {
    let fields = this.fields.get(watched);
    if (fields === undefined) {
      fields = new Map();
      this.fields.set(watched, fields);
    }
    let history = fields.get(field);
    if (history === undefined) {
      history = new FieldHistory();
      fields.set(field, history);
    }
    return history;
  }

  private tell(watched: Watched, field: string, rule: string, first: Epoch, second: Epoch): void {
    this.report({
      checker: "races",
      rule,
      object: watched.name,
      field,
      address: watched.addressOf(field),
      first: first.site,
      second: second.site,
    });
  }
}
