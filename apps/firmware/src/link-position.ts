import type { LinkPosition } from "@sof-ts/module-api";
import { type AudioGraph, type Component, ComponentState } from "@sof-ts/pipeline";

/**
 * Follows a playback stream from a component to the link that it ends at. A component of another core, whose graph is
 * not held, is only looked at as the far end of the ring that leads there: what is behind it is out of sight.
 *
 * Calling context: the LL thread of the component's core, which holds its graph.
 *
 * @returns where the link is and what is buffered on the way; null while no link runs there, or none is in sight
 */
export function linkPositionOf(graph: AudioGraph, componentId: number): LinkPosition | null {
  let component = graph.component(componentId);
  const core = component === null ? null : graph.copyingCore(component);
  let latencyPeriods = 0;
  let active = component?.state === ComponentState.ACTIVE;
  const seen = new Set<Component>();
  while (component !== null && !seen.has(component)) {
    seen.add(component);
    const gateway = component.module.direct?.gateway ?? null;
    const atLink = gateway !== null && gateway.kind !== "host" && gateway.kind !== "ipc";
    if (gateway !== null && atLink) {
      if (!active) return null;
      const bytes = BigInt(gateway.totalBytes);
      return { bytes, latencyPeriods, periodBytes: component.pins.obs };
    }
    if (graph.copyingCore(component) !== core) return null;
    const buffer = component.sinks[0];
    if (buffer === undefined) return null;
    const periodBytes = buffer.sink?.pins.ibs ?? 0;
    if (periodBytes > 0) latencyPeriods += Math.floor(buffer.stream.available / periodBytes);
    component = buffer.sink;
    active = buffer.stream.consumerActive;
  }
  return null;
}
