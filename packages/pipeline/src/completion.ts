import { EINVAL } from "@sof-ts/kit";
import type { LockingStrategy } from "@sof-ts/ll-scheduler";
import type { Direction } from "@sof-ts/module-api";
import type { Component } from "./component.js";
import type { Pipeline } from "./pipeline.js";
import { PipelineState } from "./pipeline-state.js";

/**
 * Gives components without a direction the direction of their neighbours, across pipelines, until nothing
 * changes (SOF's `ipc4_pipeline_set_direction` walk before a pipeline is completed).
 *
 * Calling context: an IPC thread that has excluded the ticks of all cores with components.
 */
export function propagateDirections(
  components: Iterable<Component>,
  locking: LockingStrategy,
): void {
  const queue: Component[] = [];
  for (const component of components) if (component.direction !== undefined) queue.push(component);
  for (let component = queue.pop(); component !== undefined; component = queue.pop()) {
    for (const buffer of [...component.sources, ...component.sinks]) {
      for (const peer of [buffer.source, buffer.sink]) {
        if (peer === null || peer.direction !== undefined) continue;
        locking.assertLocked(peer.core);
        peer.direction = component.direction;
        queue.push(peer);
      }
    }
  }
}

/**
 * The members of a pipeline in the order in which data passes through them; members that are not connected
 * keep the order of their creation.
 */
export function dataOrder(members: readonly Component[]): Component[] {
  const inside = new Set(members);
  const done = new Set<Component>();
  const order: Component[] = [];
  const visit = (component: Component): void => {
    if (done.has(component)) return;
    done.add(component);
    for (const buffer of component.sources) {
      if (buffer.source !== null && inside.has(buffer.source)) visit(buffer.source);
    }
    order.push(component);
  };
  for (const member of members) visit(member);
  return order;
}

/**
 * Makes a pipeline complete (SOF's `ipc4_pipeline_complete`): finds its ends and the order of its copy.
 *
 * Calling context: the IPC thread of the pipeline's core, graph locked.
 *
 * @param members the pipeline's components in the order of their creation
 * @returns 0; -EINVAL without components, or when the scheduling component is on another core
 */
export function completePipeline(pipeline: Pipeline, members: readonly Component[]): number {
  if (members.length === 0) return -EINVAL;
  const order = dataOrder(members);
  const inside = new Set(members);
  const source = order.find(
    (c) => !c.sources.some((b) => b.source !== null && inside.has(b.source)),
  );
  const sink = [...order]
    .reverse()
    .find((c) => !c.sinks.some((b) => b.sink !== null && inside.has(b.sink)));
  if (source === undefined || sink === undefined) return -EINVAL;
  const direction = pipelineDirection(order);
  const scheduling = direction === "capture" ? source : sink;
  if (scheduling.core !== pipeline.core) return -EINVAL;
  pipeline.source = source;
  pipeline.sink = sink;
  pipeline.direction = direction;
  pipeline.copyOrder = order;
  pipeline.state = PipelineState.READY;
  return 0;
}

function pipelineDirection(order: readonly Component[]): Direction | undefined {
  return order.find((component) => component.direction !== undefined)?.direction;
}
