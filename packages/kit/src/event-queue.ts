import { InvariantError } from "./assert.js";
import { type Cycles, NEVER } from "./units.js";

/**
 * Something that happens at an instant of virtual time. The object is made once and scheduled again and
 * again, so a periodic timer costs no allocation.
 */
export class SimEvent {
  /** Runs when the event is due; may schedule any event again, itself included. */
  readonly run: () => void;
  /** Shown in traces and in the state dump of a stuck machine. */
  readonly name: string;
  /** Due time; meaningful while the event is scheduled. */
  at: Cycles = NEVER;
  /** Orders events that are due at the same instant. */
  order = 0;
  /** Index in the queue's heap, -1 when not scheduled. */
  slot = -1;

  constructor(name: string, run: () => void) {
    this.name = name;
    this.run = run;
  }

  get scheduled(): boolean {
    return this.slot >= 0;
  }
}

/**
 * The one queue of everything that will happen on the machine. Its order is total: by time, then by the
 * order in which the events were scheduled, so equal instants always run the same way round.
 */
export class EventQueue {
  /** Instant of the event that ran last. */
  now: Cycles = 0 as Cycles;
  /** Due time of the next event, {@link NEVER} when there is none. */
  nextTime: Cycles = NEVER;
  private readonly heap: SimEvent[] = [];
  private counter = 0;
  /** The event that runs still has the first place, in case that it schedules itself again, as most do. */
  private vacant = false;

  get length(): number {
    return this.vacant ? this.heap.length - 1 : this.heap.length;
  }

  /** Schedules `event` at `at`, in place of any earlier schedule of it. `at` is not before `now`. */
  schedule(event: SimEvent, at: Cycles): void {
    // Not assert(): its message would be put together on every call of the hottest function there is.
    if (!(at >= this.now && at < NEVER)) this.refuse(event, at);
    // Before its place in the order changes: the gap is closed in the order as it was.
    if (this.vacant && event !== this.heap[0]) this.vacate();
    event.at = at;
    event.order = this.counter++;
    if (this.vacant) {
      this.vacant = false;
      this.siftDown(event, 0);
      this.nextTime = (this.heap[0] as SimEvent).at;
      return;
    }
    if (event.slot < 0) {
      event.slot = this.heap.length;
      this.heap.push(event);
      this.siftUp(event);
    } else {
      this.siftUp(event);
      this.siftDown(event, event.slot);
    }
    this.nextTime = (this.heap[0] as SimEvent).at;
  }

  /** Takes `event` out; nothing happens when it is not scheduled. */
  cancel(event: SimEvent): void {
    if (event.slot < 0) return;
    if (this.vacant) this.vacate();
    const slot = event.slot;
    event.slot = -1;
    const last = this.heap.pop() as SimEvent;
    if (last !== event) {
      last.slot = slot;
      this.heap[slot] = last;
      this.siftUp(last);
      this.siftDown(last, last.slot);
    }
    this.nextTime = this.heap.length === 0 ? NEVER : (this.heap[0] as SimEvent).at;
  }

  /** Runs the earliest event at its instant. @returns false when there was none */
  runNext(): boolean {
    if (this.vacant) this.vacate();
    const event = this.heap[0];
    if (event === undefined) return false;
    this.now = event.at;
    event.slot = -1;
    this.vacant = true;
    event.run();
    if (this.vacant) this.vacate();
    return true;
  }

  /** The scheduled events in the order in which they will run; for dumps, not for hot paths. */
  pending(): readonly SimEvent[] {
    const events = this.vacant ? this.heap.slice(1) : [...this.heap];
    return events.sort((a, b) => (before(a, b) ? -1 : 1));
  }

  /** Closes the gap that the event which runs has left. */
  private vacate(): void {
    const { heap } = this;
    this.vacant = false;
    const last = heap.pop() as SimEvent;
    if (heap.length > 0) this.siftDown(last, 0);
    this.nextTime = heap.length === 0 ? NEVER : (heap[0] as SimEvent).at;
  }

  private refuse(event: SimEvent, at: Cycles): never {
    throw new InvariantError(`event ${event.name} scheduled at ${at}, now ${this.now}`);
  }

  private siftUp(event: SimEvent): void {
    const heap = this.heap;
    let slot = event.slot;
    while (slot > 0) {
      const parentSlot = (slot - 1) >> 1;
      const parent = heap[parentSlot] as SimEvent;
      if (!before(event, parent)) break;
      heap[slot] = parent;
      parent.slot = slot;
      slot = parentSlot;
    }
    heap[slot] = event;
    event.slot = slot;
  }

  private siftDown(event: SimEvent, from: number): void {
    const heap = this.heap;
    const length = heap.length;
    let slot = from;
    for (;;) {
      let childSlot = 2 * slot + 1;
      if (childSlot >= length) break;
      let child = heap[childSlot] as SimEvent;
      const right = heap[childSlot + 1];
      if (right !== undefined && before(right, child)) {
        child = right;
        childSlot++;
      }
      if (!before(child, event)) break;
      heap[slot] = child;
      child.slot = slot;
      slot = childSlot;
    }
    heap[slot] = event;
    event.slot = slot;
  }
}

function before(a: SimEvent, b: SimEvent): boolean {
  return a.at !== b.at ? a.at < b.at : a.order < b.order;
}
