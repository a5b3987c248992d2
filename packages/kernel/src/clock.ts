import { type Cycles, type EventQueue, NEVER, SimEvent } from "@sof-ts/kit";

/** Who is told when a time-out is due. */
export interface TimeoutOwner {
  /** Runs in the tick interrupt. */
  onTimeout(timeout: Timeout): void;
}

/** One time-out, made once and armed again and again (Zephyr's `struct _timeout`). */
export class Timeout {
  readonly owner: TimeoutOwner;
  /** Kernel tick at which it is due; meaningful while armed. */
  tick = 0;
  order = 0;
  /** Index in the clock's heap, -1 when not armed. */
  slot = -1;

  constructor(owner: TimeoutOwner) {
    this.owner = owner;
  }

  /** It will run. */
  get armed(): boolean {
    return this.slot >= 0;
  }
}

/**
 * Kernel ticks and everything that is due at one. Tickless: one machine event stands at the earliest
 * time-out. Time-outs of one tick run in the order in which they were armed.
 */
export class Clock {
  readonly cyclesPerSecond: number;
  readonly ticksPerSecond: number;
  private readonly events: EventQueue;
  private readonly heap: Timeout[] = [];
  private readonly event: SimEvent;
  private programmed: number = NEVER;
  private counter = 0;
  /** Tick being announced while time-outs run, -1 otherwise: what they arm counts from it. */
  private announcing = -1;

  /** @param interrupt raises the tick interrupt; runs as a machine event */
  constructor(
    events: EventQueue,
    cyclesPerSecond: number,
    ticksPerSecond: number,
    interrupt: () => void,
  ) {
    this.events = events;
    this.cyclesPerSecond = cyclesPerSecond;
    this.ticksPerSecond = ticksPerSecond;
    this.event = new SimEvent("kernel tick", () => {
      this.programmed = NEVER;
      const next = this.heap[0];
      if (next === undefined) return;
      if (this.cycleOf(next.tick) <= events.now) interrupt();
      else this.program(events.now);
    });
  }

  /** @returns ticks that `ns` nanoseconds take, rounded up */
  ticksOf(ns: number): number {
    const seconds = Math.floor(ns / 1e9);
    return (
      seconds * this.ticksPerSecond + Math.ceil(((ns - seconds * 1e9) * this.ticksPerSecond) / 1e9)
    );
  }

  /** @returns the first cycle of tick `tick` */
  cycleOf(tick: number): number {
    const seconds = Math.floor(tick / this.ticksPerSecond);
    const rest = tick - seconds * this.ticksPerSecond;
    return (
      seconds * this.cyclesPerSecond +
      Math.ceil((rest * this.cyclesPerSecond) / this.ticksPerSecond)
    );
  }

  /** @returns the tick that `cycle` is in; inside a time-out's handler the tick it was due at */
  tickAt(cycle: number): number {
    if (this.announcing >= 0) return this.announcing;
    const seconds = Math.floor(cycle / this.cyclesPerSecond);
    const rest = cycle - seconds * this.cyclesPerSecond;
    return (
      seconds * this.ticksPerSecond +
      Math.floor((rest * this.ticksPerSecond) / this.cyclesPerSecond)
    );
  }

  /**
   * Arms `timeout` for `ns` from `now`, or for the absolute tick that a negative `ns` encodes. A relative
   * time-out is never early: the tick that is partly over does not count.
   */
  start(timeout: Timeout, ns: number, now: number): void {
    this.startAt(timeout, this.deadlineTick(ns, now), now);
  }

  /** @returns the tick at which a relative or absolute time-out that starts at `now` is due */
  deadlineTick(ns: number, now: number): number {
    const current = this.tickAt(now);
    return ns < 0 ? Math.max(current + 1, -1 - ns) : current + this.ticksOf(ns) + 1;
  }

  /** Arms `timeout` for `tick`, in place of any earlier arming. */
  startAt(timeout: Timeout, tick: number, now: number): void {
    timeout.tick = tick;
    timeout.order = this.counter++;
    if (timeout.slot < 0) {
      timeout.slot = this.heap.length;
      this.heap.push(timeout);
      this.up(timeout);
    } else {
      this.up(timeout);
      this.down(timeout);
    }
    if (this.announcing < 0 && timeout.slot === 0) this.program(now);
  }

  /** Disarms `timeout`. @returns whether it was armed */
  stop(timeout: Timeout): boolean {
    const slot = timeout.slot;
    if (slot < 0) return false;
    timeout.slot = -1;
    const last = this.heap.pop() as Timeout;
    if (last !== timeout) {
      last.slot = slot;
      this.heap[slot] = last;
      this.up(last);
      this.down(last);
    }
    return true;
  }

  /** Runs what is due at `now`. @returns how many time-outs ran */
  announce(now: number): number {
    const current = this.tickAt(now);
    let count = 0;
    for (;;) {
      const next = this.heap[0];
      if (next === undefined || next.tick > current) break;
      this.stop(next);
      this.announcing = next.tick;
      next.owner.onTimeout(next);
      count++;
    }
    this.announcing = -1;
    this.program(now);
    return count;
  }

  /** Sets the machine event to the earliest time-out; an event that comes too early sets itself again. */
  private program(now: number): void {
    const next = this.heap[0];
    if (next === undefined) return;
    const at = Math.max(this.cycleOf(next.tick), now, this.events.now);
    if (at >= this.programmed) return;
    this.programmed = at;
    this.events.schedule(this.event, at as Cycles);
  }

  private up(timeout: Timeout): void {
    const heap = this.heap;
    let slot = timeout.slot;
    while (slot > 0) {
      const parentSlot = (slot - 1) >> 1;
      const parent = heap[parentSlot] as Timeout;
      if (!dueBefore(timeout, parent)) break;
      heap[slot] = parent;
      parent.slot = slot;
      slot = parentSlot;
    }
    heap[slot] = timeout;
    timeout.slot = slot;
  }

  private down(timeout: Timeout): void {
    const heap = this.heap;
    const length = heap.length;
    let slot = timeout.slot;
    for (;;) {
      let childSlot = 2 * slot + 1;
      if (childSlot >= length) break;
      let child = heap[childSlot] as Timeout;
      const right = heap[childSlot + 1];
      if (right !== undefined && dueBefore(right, child)) {
        child = right;
        childSlot++;
      }
      if (!dueBefore(child, timeout)) break;
      heap[slot] = child;
      child.slot = slot;
      slot = childSlot;
    }
    heap[slot] = timeout;
    timeout.slot = slot;
  }
}

function dueBefore(a: Timeout, b: Timeout): boolean {
  return a.tick !== b.tick ? a.tick < b.tick : a.order < b.order;
}
