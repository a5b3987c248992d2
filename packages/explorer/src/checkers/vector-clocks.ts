import type { Kernel, Thread } from "@sof-ts/kernel";

/** What each actor had done, by actor index: a vector clock. */
export type VectorClock = number[];

function join(into: VectorClock, from: VectorClock): void {
  for (let i = 0; i < from.length; i++) {
    const theirs = from[i] ?? 0;
    if (theirs > (into[i] ?? 0)) into[i] = theirs;
    else into[i] ??= 0;
  }
}

/**
 * Happens-before among threads and interrupt handlers. Every thread is an actor, and so are the handlers of
 * each CPU together, which run one after the other. What orders two actors is only what keeps its promise in
 */
export class VectorClocks {
  private readonly clocks: VectorClock[] = [];
  private readonly threads = new WeakMap<Thread, number>();
  private readonly handlers = new Map<number, number>();
  private readonly objects = new WeakMap<object, VectorClock>();

  /** Index of whoever acts as `thread` now: the thread, or the handler that interrupted it. */
  actor(kernel: Kernel, thread: Thread): number {
    const cpu = kernel.currentCpu;
    if (cpu !== null && kernel.inIsr && thread === kernel.current) {
      let handler = this.handlers.get(cpu.id);
      if (handler === undefined) {
        handler = this.add();
        this.handlers.set(cpu.id, handler);
      }
      return handler;
    }
    return this.threadActor(thread);
  }

  /** Index of a thread, whatever interrupts it. */
  threadActor(thread: Thread): number {
    let index = this.threads.get(thread);
    if (index === undefined) {
      index = this.add();
      this.threads.set(thread, index);
    }
    return index;
  }

  /** The actor's own time. */
  now(actor: number): number {
    return this.clock(actor)[actor] as number;
  }

  /** Whether `actor` has seen what `other` did at its own time `time`. */
  saw(actor: number, other: number, time: number): boolean {
    return actor === other || (this.clock(actor)[other] ?? 0) >= time;
  }

  acquire(object: object, actor: number): void {
    const theirs = this.objects.get(object);
    if (theirs !== undefined) join(this.clock(actor), theirs);
  }

  release(object: object, actor: number): void {
    let theirs = this.objects.get(object);
    if (theirs === undefined) {
      theirs = [];
      this.objects.set(object, theirs);
    }
    join(theirs, this.clock(actor));
    this.step(actor);
  }

  /** `to` sees all that `from` has done. */
  edge(from: number, to: number): void {
    join(this.clock(to), this.clock(from));
    this.step(from);
  }

  private step(actor: number): void {
    const clock = this.clock(actor);
    clock[actor] = (clock[actor] as number) + 1;
  }

  private clock(actor: number): VectorClock {
    return this.clocks[actor] as VectorClock;
  }

  private add(): number {
    const index = this.clocks.length;
    const clock: VectorClock = Array.from({ length: index }, () => 0);
    clock[index] = 1;
    this.clocks.push(clock);
    return index;
  }
}
