/** What a recorded event is. */
export const EventKind = {
  THREAD_CREATE: 0,
  THREAD_SWITCH: 1,
  READY: 2,
  PEND: 3,
  THREAD_END: 4,
  ISR_ENTER: 5,
  ISR_EXIT: 6,
  SYSCALL: 7,
  LOCK: 8,
  UNLOCK: 9,
  CONTENDED: 10,
  SEM_TAKE: 11,
  SEM_GIVE: 12,
  EVENT_POST: 13,
  PRIORITY: 14,
  FATAL: 15,
  /** A mark of the firmware: an IPC message, a state change, an xrun. */
  MARK: 16,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

/** One recorded event. */
export interface TraceEvent {
  /** Local time of the CPU, in cycles of the core clock. */
  readonly time: number;
  /** CPU, or -1 for what happens outside one. */
  readonly cpu: number;
  readonly kind: EventKind;
  /** Name of the thread that it happened to; empty where there is none. */
  readonly thread: string;
  /** What it is about: an object, a system call, the thread switched to. */
  readonly subject: string;
  /** Interrupt number, event bits, new priority. */
  readonly value: number;
}

const INITIAL_CAPACITY = 4096;

/** Events in the order in which they happened, kept in columns so that a long run stays small. */
export class EventLog {
  length = 0;
  private time = new Float64Array(INITIAL_CAPACITY);
  private value = new Float64Array(INITIAL_CAPACITY);
  private cpu = new Int8Array(INITIAL_CAPACITY);
  private kind = new Uint8Array(INITIAL_CAPACITY);
  private thread = new Uint16Array(INITIAL_CAPACITY);
  private subject = new Uint16Array(INITIAL_CAPACITY);
  private readonly names: string[] = [""];
  private readonly nameIds = new Map<string, number>([["", 0]]);
  private hashLow = 0x811c9dc5;
  private hashHigh = 0x1b873593;

  add(
    time: number,
    cpu: number,
    kind: EventKind,
    thread: string,
    subject: string,
    value: number,
  ): void {
    if (this.length === this.time.length) this.grow();
    const i = this.length++;
    const threadId = this.intern(thread);
    const subjectId = this.intern(subject);
    this.time[i] = time;
    this.value[i] = value;
    this.cpu[i] = cpu;
    this.kind[i] = kind;
    this.thread[i] = threadId;
    this.subject[i] = subjectId;
    // Names are interned in order of appearance, so their ids are as deterministic as the events.
    this.mix(time % 0x1_0000_0000);
    this.mix((cpu << 24) ^ (kind << 16) ^ threadId);
    this.mix(subjectId ^ (value << 8));
  }

  at(index: number): TraceEvent {
    return {
      time: this.time[index] as number,
      cpu: this.cpu[index] as number,
      kind: this.kind[index] as EventKind,
      thread: this.names[this.thread[index] as number] as string,
      subject: this.names[this.subject[index] as number] as string,
      value: this.value[index] as number,
    };
  }

  *[Symbol.iterator](): Iterator<TraceEvent> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /** 64 bits over all events as hexadecimal text: equal runs have equal digests. */
  get digest(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");
    return hex(this.hashHigh) + hex(this.hashLow);
  }

  private intern(name: string): number {
    let id = this.nameIds.get(name);
    if (id === undefined) {
      id = this.names.length;
      this.names.push(name);
      this.nameIds.set(name, id);
    }
    return id;
  }

  private mix(word: number): void {
    this.hashLow = Math.imul(this.hashLow ^ word, 0x01000193);
    this.hashHigh =
      Math.imul((this.hashHigh ^ this.hashLow) + (word >>> 7), 0x85ebca6b) ^ (this.hashLow >>> 13);
  }

  private grow(): void {
    const capacity = this.time.length * 2;
    const wider = <T extends Float64Array | Int8Array | Uint8Array | Uint16Array>(
      old: T,
      fresh: T,
    ): T => {
      fresh.set(old);
      return fresh;
    };
    this.time = wider(this.time, new Float64Array(capacity));
    this.value = wider(this.value, new Float64Array(capacity));
    this.cpu = wider(this.cpu, new Int8Array(capacity));
    this.kind = wider(this.kind, new Uint8Array(capacity));
    this.thread = wider(this.thread, new Uint16Array(capacity));
    this.subject = wider(this.subject, new Uint16Array(capacity));
  }
}
