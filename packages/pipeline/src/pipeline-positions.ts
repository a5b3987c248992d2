import { ENOSPC } from "@sof-ts/kit";
import { type Kernel, K_FOREVER, Mutex, ObjType, SWITCH, type Thread } from "@sof-ts/kernel";
import { type GraphWatcher, watched } from "./graph-watcher.js";

/** Bytes of a place: whether it is taken, two positions and a time. */
export const POSITION_BYTES = 32;

/** How far a pipeline's host stream has come. */
export class PipelinePosition {
  taken = false;
  /** Bytes moved between the host and the DSP since the stream started. */
  hostBytes = 0;
  /** Bytes moved at the link that the stream ends at. */
  linkBytes = 0;
  wallClock = 0n;
}

/** Where the table lies and who looks at it. */
export interface PipelinePositionsConfig {
  readonly kernel: Kernel;
  /** Places, one for each pipeline that there can be. */
  readonly places: number;
  /** Address of the table, in a partition that the user threads of LL and IPC have; 0 where nobody asks. */
  readonly address: number;
  /** Whether pipelines come and go in user mode, where the lock is a dynamic object. */
  readonly userMode: boolean;
  readonly watcher?: GraphWatcher;
}

/**
 * The table of pipeline positions (SOF's `pipeline_posn`): each pipeline has a place in it as long as it exists.
 * A mutex guards who has which; a position itself is written by the LL thread of its pipeline alone.
 */
export class PipelinePositions {
  private readonly kernel: Kernel;
  private readonly lock: Mutex;
  private readonly table: readonly PipelinePosition[];

  /**
   * Makes the table and its lock (`pipeline_posn_init`), before anybody can be granted it. Calling context: a kernel
   * thread or boot; does not block.
   *
   * @returns null without memory for the lock
   */
  static create(config: PipelinePositionsConfig): PipelinePositions | null {
    const { kernel, userMode } = config;
    const pooled = userMode && kernel.current.heap !== null;
    const lock = pooled ? kernel.objectAlloc(ObjType.MUTEX) : new Mutex(kernel);
    if (lock === null) return null;
    lock.init();
    lock.name = "pipeline_posn";
    return new PipelinePositions(config, lock);
  }

  private constructor(config: PipelinePositionsConfig, lock: Mutex) {
    const { kernel, places, address } = config;
    this.kernel = kernel;
    this.lock = lock;
    this.table = Array.from({ length: places }, (_, place) =>
      watched(config, new PipelinePosition(), {
        name: `pipeline position ${place}`,
        address: address === 0 ? 0 : address + place * POSITION_BYTES,
        size: POSITION_BYTES,
      }),
    );
  }

  /** Places that pipelines have. Outside the machine. */
  get taken(): number {
    return this.table.filter(({ taken }) => taken).length;
  }

  /** Lets a thread make and delete pipelines (`pipeline_posn_grant_access`). Calling context: a kernel thread. */
  grantAccess(thread: Thread): void {
    this.kernel.accessGrant(this.lock, thread);
  }

  /**
   * Takes a place (`pipeline_posn_offset_get`). Calling context: a thread that was granted access; may block.
   *
   * @returns the place; -ENOSPC when all are taken
   */
  *take(): Generator<number, number, number> {
    yield* this.acquire();
    const place = this.table.findIndex(({ taken }) => !taken);
    const position = this.table[place];
    if (position !== undefined) {
      position.taken = true;
      position.hostBytes = 0;
      position.linkBytes = 0;
      position.wallClock = 0n;
    }
    yield* this.release();
    return position === undefined ? -ENOSPC : place;
  }

  /** Gives a place back (`pipeline_posn_offset_put`). Calling context: as {@link take}. */
  *giveBack(place: number): Generator<number, void, number> {
    yield* this.acquire();
    const position = this.table[place];
    if (position !== undefined) position.taken = false;
    yield* this.release();
  }

  /**
   * The position at a place, to write and to read. Calling context: the LL thread of the place's pipeline.
   *
   * @returns null for a place that there is not
   */
  at(place: number): PipelinePosition | null {
    return this.table[place] ?? null;
  }

  private *acquire(): Generator<number, void, number> {
    if (this.lock.lockNow(K_FOREVER) === SWITCH) yield SWITCH;
  }

  private *release(): Generator<number, void, number> {
    if (this.lock.unlockNow() === SWITCH) yield SWITCH;
  }
}
