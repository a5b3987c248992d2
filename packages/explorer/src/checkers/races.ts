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
  /** Of each CPU, what stands for one of its interrupts. */
  private readonly lines = new Tokens();
  /** Of each CPU, what stands for the waits of its own threads, by priority. */
  private readonly waits = new Tokens();
  /** Of each CPU, what stands for masked sections, by the priority of those who masked. */
  private readonly masks = new Tokens();
  private readonly report: Report;

  constructor(report: Report) {
    this.report = report;
  }

  acquire(object: object, actor: Thread): void {
    const index = this.clocks.actor(actor.kernel, actor);
    this.clocks.acquire(object, index);
    // Who masks a CPU's interrupts follows all that its better threads did up to their waits: they run until
    // they wait, and none of them can start meanwhile.
    for (const [priority, waited] of this.waits.of(object))
      if (priority < actor.priority) this.clocks.acquire(waited, index);
  }

  release(object: object, actor: Thread): void {
    const { kernel, priority } = actor;
    if (object === kernel.currentCpu && !kernel.inIsr)
      this.clocks.release(this.masks.at(object, priority), this.clocks.threadActor(actor));
    this.clocks.release(object, this.clocks.actor(kernel, actor));
  }

  /** `thread` waits from here on, by its own will. */
  waiting(thread: Thread): void {
    const cpu = ownCpu(thread);
    if (cpu !== null) this.release(this.waits.at(cpu, thread.priority), thread);
  }

  /** `thread` gets its CPU: what worse threads of that CPU did with interrupts masked is complete. */
  switchedTo(thread: Thread): void {
    const cpu = ownCpu(thread);
    if (cpu === null) return;
    for (const [priority, masked] of this.masks.of(cpu))
      if (priority > thread.priority) this.clocks.acquire(masked, this.clocks.threadActor(thread));
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
      this.clocks.acquire(this.lines.at(cpu, irq), actor);
    } else {
      this.clocks.release(cpu, actor);
    }
  }

  raise(actor: Thread, cpu: Cpu, irq: number): void {
    this.release(this.lines.at(cpu, irq), actor);
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

/** Objects that stand for something of a CPU, by number. */
class Tokens {
  private readonly tokens = new WeakMap<object, Map<number, object>>();

  of(cpu: object): Iterable<readonly [number, object]> {
    return this.tokens.get(cpu) ?? [];
  }

  at(cpu: object, number: number): object {
    let tokens = this.tokens.get(cpu);
    if (tokens === undefined) {
      tokens = new Map();
      this.tokens.set(cpu, tokens);
    }
    let token = tokens.get(number);
    if (token === undefined) {
      token = {};
      tokens.set(number, token);
    }
    return token;
  }
}

/** The executing CPU when `thread` can run on no other, else null. */
function ownCpu(thread: Thread): Cpu | null {
  const { kernel, cpuMask } = thread;
  const cpu = kernel.currentCpu;
  if (cpu === null) return null;
  return kernel.cpus.length === 1 || cpuMask === cpu.bit ? cpu : null;
}
