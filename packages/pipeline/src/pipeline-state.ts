/** Internal states of a pipeline (SOF's `COMP_STATE_*` as its pipelines use them). */
export const PipelineState = {
  /** Created, not yet complete. */
  INIT: "init",
  /** Complete; the wire's RESET. */
  READY: "ready",
  /** Parameters negotiated, modules prepared. */
  PREPARE: "prepare",
  /** The wire's RUNNING. */
  ACTIVE: "active",
  PAUSED: "paused",
} as const;
export type PipelineState = (typeof PipelineState)[keyof typeof PipelineState];

/** States that the host can ask for (IPC4 `enum ipc4_pipeline_state`); the rest of the enum is refused. */
export const WireState = { RESET: 2, PAUSED: 3, RUNNING: 4, EOS: 5 } as const;

/** What SET_PIPELINE_STATE asks for. */
export type PipelineCommand = "reset" | "pause" | "run" | "eos";

/** @returns the command for a wire state, or null for states that cannot be asked for */
export function commandOf(wireState: number): PipelineCommand | null {
  switch (wireState) {
    case WireState.RESET:
      return "reset";
    case WireState.PAUSED:
      return "pause";
    case WireState.RUNNING:
      return "run";
    case WireState.EOS:
      return "eos";
    default:
      return null;
  }
}

/**
 * What the prepare phase does: `complete` resolves the pipeline's ends and makes it READY, `params` prepares
 * its modules, `expect-eos` notes that the stream ends, `refuse` answers INVALID_REQUEST.
 */
export type PreparePhase = "nothing" | "complete" | "params" | "expect-eos" | "refuse";

/** Prepare phase by state and command (SOF's `ipc4_pipeline_prepare`). */
export const preparePhase: Readonly<
  Record<PipelineState, Readonly<Record<PipelineCommand, PreparePhase>>>
> = {
  init: { reset: "complete", pause: "complete", run: "refuse", eos: "refuse" },
  ready: { reset: "nothing", pause: "nothing", run: "params", eos: "refuse" },
  prepare: { reset: "refuse", pause: "nothing", run: "refuse", eos: "refuse" },
  active: { reset: "nothing", pause: "nothing", run: "nothing", eos: "expect-eos" },
  paused: { reset: "nothing", pause: "nothing", run: "nothing", eos: "refuse" },
};

/** What the trigger phase does: one of the trigger sequences that the LL thread runs, or nothing. */
export type TriggerPhase = "nothing" | "start" | "pause" | "release" | "stop-and-reset";

/** Trigger phase by state and command (SOF's `ipc4_pipeline_trigger`). */
export const triggerPhase: Readonly<
  Record<PipelineState, Readonly<Record<PipelineCommand, TriggerPhase>>>
> = {
  init: { reset: "nothing", pause: "nothing", run: "nothing", eos: "nothing" },
  ready: { reset: "nothing", pause: "nothing", run: "start", eos: "nothing" },
  prepare: { reset: "nothing", pause: "pause", run: "start", eos: "nothing" },
  active: { reset: "stop-and-reset", pause: "pause", run: "nothing", eos: "nothing" },
  paused: { reset: "stop-and-reset", pause: "nothing", run: "release", eos: "nothing" },
};
