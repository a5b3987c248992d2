import { HostError } from "@sof-ts/host";
import { meaningOf } from "./describe.js";
import type { Machine } from "../run/machine.js";
import type { Timeline } from "../run/session.js";
import type { ControlEvent } from "./script.js";

/** A change that was made. */
export interface AppliedControl {
  /** Time since the stream started. */
  readonly atSeconds: number;
  readonly control: string;
  readonly value: string;
  /** Whether the control had another value before. */
  readonly changed: boolean;
  /** Who made it: the user's script, or a module that told the host a new value. */
  readonly by: "script" | "firmware";
}

/** Sets controls while a stream runs, each at the time that the script gives it, and notes those that the
 * firmware changes. */
export class ControlSchedule implements Timeline {
  readonly applied: AppliedControl[] = [];
  private readonly machine: Machine;
  private readonly events: readonly ControlEvent[];
  private next = 0;
  private startUs: number | null = null;

  /** @param events in order of time */
  constructor(machine: Machine, events: readonly ControlEvent[]) {
    this.machine = machine;
    this.events = events;
    machine.driver.controls.onChange = ({ name, control }, value) => {
      this.told(name, value === null ? "changed" : meaningOf(control, value));
    };
  }

  get nextUs(): number {
    return this.events[this.next]?.atUs ?? Number.POSITIVE_INFINITY;
  }

  /** Changes that the stream ended before. */
  get notReached(): number {
    return this.events.length - this.next;
  }

  /** @throws HostError that names script and line, when the firmware refuses a value */
  runDue(elapsedUs: number): void {
    this.startUs ??= this.machine.link.nowUs() - elapsedUs;
    for (let event = this.events[this.next]; event !== undefined; event = this.events[this.next]) {
      if (event.atUs > elapsedUs) return;
      this.next++;
      this.apply(event, elapsedUs);
    }
  }

  private told(control: string, value: string): void {
    const nowUs = this.machine.link.nowUs();
    const atSeconds = (nowUs - (this.startUs ?? nowUs)) / 1e6;
    this.applied.push({ atSeconds, control, value, changed: true, by: "firmware" });
  }

  private apply(event: ControlEvent, elapsedUs: number): void {
    const { machine } = this;
    const { controls } = machine.driver;
    try {
      const value = event.value(machine.do(controls.get(event.control)));
      const changed = machine.do(controls.set(event.control, value));
      const { control, text } = event;
      this.applied.push({
        atSeconds: elapsedUs / 1e6,
        control,
        value: text,
        changed,
        by: "script",
      });
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      const what = `control "${event.control}" does not take ${event.text}`;
      throw new HostError(`${event.where}: ${what}: ${error.reason}`, error);
    }
  }
}
