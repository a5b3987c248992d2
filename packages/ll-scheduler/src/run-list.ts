import { assert } from "@sof-ts/kit";
import type { LlTask } from "./task.js";

/**
 * The tasks of one core in the order in which a tick runs them: by priority, then by insertion. The walk
 * of a tick survives any insertion and removal made while it is under way: a task inserted behind the one
 * that runs is still run in this tick, one inserted in front of it is not, a removed one never.
 *
 * Calling context: whoever holds the core's LL lock.
 */
export class RunList {
  private readonly tasks: LlTask[] = [];
  /** Index of the task that the tick runs; -1 outside a tick. */
  private cursor = -1;

  get length(): number {
    return this.tasks.length;
  }

  /** The tasks in running order. */
  entries(): readonly LlTask[] {
    return this.tasks;
  }

  has(task: LlTask): boolean {
    return this.tasks.includes(task);
  }

  /** Inserts behind all tasks of the same or a better priority. */
  insert(task: LlTask): void {
    let index = this.tasks.length;
    while (index > 0 && (this.tasks[index - 1] as LlTask).priority > task.priority) index--;
    this.insertAt(index, task);
  }

  /** Inserts next to `anchor`, whatever the priorities. */
  insertBeside(task: LlTask, anchor: LlTask, where: "before" | "after"): void {
    const index = this.tasks.indexOf(anchor);
    assert(index >= 0, `task ${anchor.name} is not on the run list`);
    this.insertAt(where === "before" ? index : index + 1, task);
  }

  /** @returns whether the task was on the list */
  remove(task: LlTask): boolean {
    const index = this.tasks.indexOf(task);
    if (index < 0) return false;
    this.tasks.splice(index, 1);
    if (index <= this.cursor) this.cursor--;
    return true;
  }

  /** Starts a walk. @returns the first task */
  first(): LlTask | null {
    this.cursor = -1;
    return this.next();
  }

  /** @returns the task that follows in the walk; null ends it */
  next(): LlTask | null {
    const task = this.tasks[++this.cursor];
    if (task !== undefined) return task;
    this.cursor = -1;
    return null;
  }

  private insertAt(index: number, task: LlTask): void {
    assert(!this.tasks.includes(task), `task ${task.name} is on the run list already`);
    this.tasks.splice(index, 0, task);
    if (index <= this.cursor) this.cursor++;
  }
}
