/** What a driver operation waits for. */
export interface HostWait {
  /**
   * `"irq"`: until the firmware interrupts the host, or the time is over. `"time"`: for the whole time; a
   * time of 0 only asks the link to bring what it mirrors up to date.
   */
  readonly kind: "irq" | "time";
  readonly timeoutUs: number;
}

/**
 * An operation of the driver that may wait. It is a generator that yields what it waits for, so that one
 * body serves a machine in this process and one behind a socket; it looks at registers and clock itself
 * when it goes on, and so needs no answer to its yield.
 */
export type HostTask<T> = Generator<HostWait, T, void>;

/** The part of a link that makes time pass; see {@link HostLink}. */
export interface WaitingLink {
  /**
   * Lets the machine run until its host interrupt is active or the time is over. An interrupt that is
   * already active ends the wait at once.
   */
  advance(wait: HostWait): "irq" | "timeout";
}

/** As {@link WaitingLink}, for a machine that is not in this process. */
export interface AsyncWaitingLink {
  /** Sends what the driver wrote, waits, and brings the mirror of registers and windows up to date. */
  advanceAsync(wait: HostWait): Promise<"irq" | "timeout">;
}

/**
 * Runs a driver operation to its end against a machine in this process.
 *
 * @returns what the operation returns
 * @throws what the operation throws (a `HostError`)
 */
export function runHostTask<T>(task: HostTask<T>, link: WaitingLink): T {
  for (;;) {
    const step = task.next();
    if (step.done === true) return step.value;
    link.advance(step.value);
  }
}

/**
 * Runs a driver operation against a machine behind an asynchronous link. Run one operation at a time on
 * one link.
 */
export async function runHostTaskAsync<T>(task: HostTask<T>, link: AsyncWaitingLink): Promise<T> {
  for (;;) {
    const step = task.next();
    if (step.done === true) return step.value;
    await link.advanceAsync(step.value);
  }
}
