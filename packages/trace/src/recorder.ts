import type { FatalInfo, KernelTrace, KObject, Thread } from "@sof-ts/kernel";
import { EventKind, EventLog } from "./event-log.js";

/**
 * Records everything that the kernel tells its trace listener. Give it to a kernel as its `trace`; marks of
 * the firmware (messages, state changes) go in beside through {@link mark}.
 */
export class TraceRecorder implements KernelTrace {
  readonly log = new EventLog();
  /** Events by kind, since the start. */
  readonly counts: number[] = Array.from({ length: Object.keys(EventKind).length }, () => 0);

  /** Records something that the firmware did. `time` in cycles, `cpu` -1 when it is no CPU's doing. */
  mark(time: number, cpu: number, subject: string, value = 0): void {
    this.add(time, cpu, EventKind.MARK, "", subject, value);
  }

  threadCreate(time: number, cpu: number, thread: Thread): void {
    this.add(time, cpu, EventKind.THREAD_CREATE, thread.name, "", thread.priority);
  }

  threadSwitch(time: number, cpu: number, from: Thread, to: Thread): void {
    this.add(time, cpu, EventKind.THREAD_SWITCH, from.name, to.name, 0);
  }

  ready(time: number, cpu: number, thread: Thread): void {
    this.add(time, cpu, EventKind.READY, thread.name, "", 0);
  }

  pend(time: number, cpu: number, thread: Thread, object: KObject | null): void {
    this.add(time, cpu, EventKind.PEND, thread.name, object?.name ?? "sleep", 0);
  }

  threadEnd(time: number, cpu: number, thread: Thread): void {
    this.add(time, cpu, EventKind.THREAD_END, thread.name, "", 0);
  }

  isrEnter(time: number, cpu: number, irq: number): void {
    this.add(time, cpu, EventKind.ISR_ENTER, "", "", irq);
  }

  isrExit(time: number, cpu: number, irq: number): void {
    this.add(time, cpu, EventKind.ISR_EXIT, "", "", irq);
  }

  syscall(time: number, cpu: number, thread: Thread, name: string): void {
    this.add(time, cpu, EventKind.SYSCALL, thread.name, name, 0);
  }

  lock(time: number, cpu: number, thread: Thread, object: KObject): void {
    this.add(time, cpu, EventKind.LOCK, thread.name, object.name, 0);
  }

  unlock(time: number, cpu: number, thread: Thread, object: KObject): void {
    this.add(time, cpu, EventKind.UNLOCK, thread.name, object.name, 0);
  }

  contended(time: number, cpu: number, thread: Thread, object: KObject, _owner: Thread): void {
    this.add(time, cpu, EventKind.CONTENDED, thread.name, object.name, 0);
  }

  semTake(time: number, cpu: number, thread: Thread, object: KObject): void {
    this.add(time, cpu, EventKind.SEM_TAKE, thread.name, object.name, 0);
  }

  semGive(time: number, cpu: number, thread: Thread, object: KObject): void {
    this.add(time, cpu, EventKind.SEM_GIVE, thread.name, object.name, 0);
  }

  eventPost(time: number, cpu: number, thread: Thread, object: KObject, bits: number): void {
    this.add(time, cpu, EventKind.EVENT_POST, thread.name, object.name, bits);
  }

  priority(time: number, cpu: number, thread: Thread, _from: number, to: number): void {
    this.add(time, cpu, EventKind.PRIORITY, thread.name, "", to);
  }

  fatal(time: number, cpu: number, info: FatalInfo): void {
    this.add(time, cpu, EventKind.FATAL, info.thread?.name ?? "", info.message, info.reason);
  }

  private add(
    time: number,
    cpu: number,
    kind: EventKind,
    thread: string,
    subject: string,
    value: number,
  ): void {
    this.counts[kind] = (this.counts[kind] as number) + 1;
    this.log.add(time, cpu, kind, thread, subject, value);
  }
}
