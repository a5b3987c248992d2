import { assert } from "@sof-ts/kit";
import { type LlDomain, type LlTask, RunAgain } from "@sof-ts/ll-scheduler";

/** Behind the pipelines of a tick, whose priorities are 0..7. */
export const THREAD_TICK_PRIORITY = 255;

/** The LL task of each core that has tasks with threads: it ends the tick by asking who is to run. */
export class LlTicks {
  private readonly domain: LlDomain;
  private readonly name: string;
  private readonly tick: (core: number) => void;
  private readonly users: number[];
  private readonly llTasks: (LlTask | null)[];

  /** @param tick called in the LL thread of a core, at the end of each of its ticks */
  constructor(domain: LlDomain, name: string, cores: number, tick: (core: number) => void) {
    this.domain = domain;
    this.name = name;
    this.tick = tick;
    this.users = Array.from({ length: cores }, () => 0);
    this.llTasks = Array.from({ length: cores }, () => null);
  }

  /** A task has come to `core`, whose LL domain is up. Calling context: a thread that may change its graph. */
  *use(core: number): Generator<number, void, number> {
    this.users[core] = (this.users[core] as number) + 1;
    if (this.llTasks[core] !== null) return;
    const scheduler = this.domain.scheduler(core);
    assert(scheduler !== null, `core ${core} has no LL domain`);
    const llTask = scheduler.createTask({
      name: this.name,
      core,
      priority: THREAD_TICK_PRIORITY,
      run: () => {
        this.tick(core);
        return RunAgain.RESCHEDULE;
      },
    });
    this.llTasks[core] = llTask;
    const rc = yield* scheduler.schedule(llTask);
    assert(rc === 0, `${this.name} of core ${core}: ${rc}`);
  }

  /** A task of `core` has gone; with the last one the LL task goes, so that the core can be taken down. */
  *unuse(core: number): Generator<number, void, number> {
    const left = (this.users[core] as number) - 1;
    this.users[core] = left;
    const llTask = this.llTasks[core] ?? null;
    const scheduler = this.domain.scheduler(core);
    if (left > 0 || llTask === null || scheduler === null) return;
    this.llTasks[core] = null;
    // A free that times out leaves a cancelled LL task, which the scheduler forgets when its run ends.
    yield* scheduler.free(llTask);
  }
}
