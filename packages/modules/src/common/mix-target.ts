import type { AudioModule, AudioStream } from "@sof-ts/module-api";

/** What one mixin has put into a mixout's sink that is not committed yet. */
export interface MixLane {
  /**
   * Ring of the connection between mixin and mixout. It names the lane. On one core no samples pass through it;
   * between two cores (it is shared) all do, and the mixout puts them where a mixin of its core would have.
   */
  readonly stream: AudioStream;
  /** Frames that the mixin is ahead of the committed data. */
  pendingFrames: number;
  /** Whether the mixin has contributed since it became active. */
  joined: boolean;
}

/**
 * Everything that a mixout and its mixins share: mixins add their samples straight into the sink of the
 * mixout, which commits what all have contributed to (SOF's `mixout_data`). It is used in the tick of the
 * mixout's core only, and changed under the graph lock of that core; of a mixout of another core a mixin knows
 * only the ring between them, and the format of the mix.
 */
export class MixTarget {
  /** Ring that the mix goes to; null until the mixout is prepared. */
  sink: AudioStream | null = null;
  readonly lanes: MixLane[] = [];
  /** Frames past the committed data that hold samples of at least one mixin. */
  mixedFrames = 0;
  /** Free frames of the sink when the first mixin of this period came; -1 while none has. */
  acquiredFrames = -1;

  /** @returns the lane of a connection, a new one when there is none */
  lane(stream: AudioStream): MixLane {
    for (const lane of this.lanes) if (lane.stream === stream) return lane;
    const lane: MixLane = { stream, pendingFrames: 0, joined: false };
    this.lanes.push(lane);
    return lane;
  }

  /** Forgets a connection, and what only its mixin has reached. */
  remove(stream: AudioStream): void {
    const index = this.lanes.findIndex((lane) => lane.stream === stream);
    if (index < 0) return;
    this.lanes.splice(index, 1);
    let reached = 0;
    for (const { pendingFrames } of this.lanes) reached = Math.max(reached, pendingFrames);
    this.mixedFrames = reached;
  }

  /** Back to an empty mix. */
  clear(): void {
    this.mixedFrames = 0;
    this.acquiredFrames = -1;
    for (const lane of this.lanes) {
      lane.pendingFrames = 0;
      lane.joined = false;
    }
  }
}

/** A module whose sink others mix into. */
export interface MixTargetOwner extends AudioModule {
  readonly mixTarget: MixTarget;
}

/** @returns the mix target of a module, or null when it is no mixout or out of reach */
export function mixTargetOf(module: AudioModule | null): MixTarget | null {
  if (module === null || !("mixTarget" in module)) return null;
  return module.mixTarget instanceof MixTarget ? module.mixTarget : null;
}
