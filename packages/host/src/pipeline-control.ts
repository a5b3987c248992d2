import { assert, ENOSPC } from "@sof-ts/kit";
import { encodePipelineIds, type PipelineState, pipelineStateName } from "@sof-ts/ipc4";
import { FirstError } from "./first-error.js";
import { HostError } from "./host-error.js";
import type { HostTask } from "./host-task.js";
import type { CoreReferences } from "./cores.js";
import type { IpcTransport } from "./ipc-transport.js";
import type { HostVariant } from "./host-variant.js";
import type { DriverState, PipelineUse } from "./widget-state.js";

/** Makes, changes and deletes the firmware's pipelines. */
export class PipelineControl {
  private readonly ipc: IpcTransport;
  private readonly cores: CoreReferences;
  private readonly state: DriverState;
  readonly variant: HostVariant;

  constructor(ipc: IpcTransport, cores: CoreReferences, state: DriverState, variant: HostVariant) {
    this.ipc = ipc;
    this.cores = cores;
    this.state = state;
    this.variant = variant;
  }

  /**
   * Takes a pipeline for one more widget: the first widget gets the cores on and the pipeline made.
   *
   * @param memPages estimate for the pipeline's modules
   * @throws HostError ENOSPC when all pipeline ids are taken, or what the firmware answers
   */
  *get(use: PipelineUse, memPages: number): HostTask<void> {
    if (use.useCount === 0) yield* this.create(use, memPages);
    use.useCount++;
  }

  /**
   * Gives a pipeline back for one widget; the last one has it deleted. All is given back also when the
   * firmware refuses.
   */
  *put(use: PipelineUse): HostTask<void> {
    assert(use.useCount > 0, `pipeline ${use.pipeline.name} is not in use`);
    use.useCount--;
    if (use.useCount > 0) return;
    const errors = new FirstError(this.ipc);
    yield* errors.attempt(this.sendDelete(use.ipcId));
    this.forget(use);
    yield* this.putCores(use.cores, errors);
    errors.rethrow();
  }

  /** Sends a state to pipelines that the firmware has: one message for all, or one for each. */
  *setState(pipelines: readonly PipelineUse[], state: PipelineState): HostTask<void> {
    if (this.variant.stateMessages === "single") {
      for (const use of pipelines) yield* this.sendState([use], state);
    } else {
      yield* this.sendState(pipelines, state);
    }
  }

  private *sendState(pipelines: readonly PipelineUse[], state: PipelineState): HostTask<void> {
    const first = pipelines[0];
    if (first === undefined) return;
    const single = pipelines.length === 1;
    const ids = pipelines.map((use) => use.ipcId);
    this.ipc.note(
      `ipc4 set pipeline instance ${ids.join(", ")} state ${state} (${pipelineStateName(state)})`,
    );
    yield* this.ipc.exchange({
      message: {
        kind: "set-pipeline-state",
        state,
        pipelineId: single ? first.ipcId : 0,
        multiPipeline: !single,
        syncStopStart: false,
      },
      payload: single ? undefined : encodePipelineIds(ids),
    });
    for (const use of pipelines) use.wireState = state;
  }

  private *create(use: PipelineUse, memPages: number): HostTask<void> {
    const { pipeline } = use;
    const fromTopology = this.variant.placement === "topology";
    const held: number[] = [];
    try {
      if (fromTopology) {
        for (const core of use.cores) {
          yield* this.cores.get(core);
          held.push(core);
        }
      }
      use.ipcId = this.state.pipelineIds.allocate();
      if (use.ipcId < 0) throw new HostError("no pipeline id is free", { errno: ENOSPC });
      yield* this.ipc.exchange({
        message: {
          kind: "create-pipeline",
          memPages,
          priority: fromTopology ? pipeline.priority : 0,
          pipelineId: use.ipcId,
          lowPower: fromTopology && pipeline.lpMode,
          attributes: 0,
          coreId: fromTopology ? pipeline.core : 0,
          hasPayload: false,
        },
      });
      this.ipc.note(`widget ${pipeline.name} setup complete`);
    } catch (error) {
      this.forget(use);
      yield* this.putCores(held, new FirstError(this.ipc));
      throw error instanceof HostError ? error.within({ widget: pipeline.name }) : error;
    }
  }

  private forget(use: PipelineUse): void {
    if (use.ipcId >= 0) this.state.pipelineIds.free(use.ipcId);
    use.ipcId = -1;
    use.startedCount = 0;
    use.pausedCount = 0;
    use.wireState = 0;
  }

  private *sendDelete(pipelineId: number): HostTask<void> {
    yield* this.ipc.exchange({ message: { kind: "delete-pipeline", pipelineId } });
  }

  private *putCores(cores: readonly number[], errors: FirstError): HostTask<void> {
    if (this.variant.placement !== "topology") return;
    for (const core of cores) yield* errors.attempt(this.cores.put(core));
  }
}
