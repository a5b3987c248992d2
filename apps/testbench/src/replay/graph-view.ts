import type { GraphConnection, GraphModule, GraphPipeline } from "./report.js";
import type { GraphComponent, World } from "./world.js";

/** The firmware's graph as it stands, with module ids of the log. */
export function graphOf(world: World): GraphPipeline[] {
  const { graph } = world.firmware;
  const pipelines = graph.pipelines.map((pipeline): GraphPipeline => {
    const { id, state, core, priority } = pipeline;
    return { id, state, core, priority, modules: modulesOf(world, graph.members(id)) };
  });
  return pipelines.sort((a, b) => a.id - b.id);
}

function modulesOf(world: World, members: readonly GraphComponent[]): GraphModule[] {
  return members.map((member) => ({
    name: nameOf(world, member),
    state: member.state,
    core: member.core,
    connections: member.sinks.map((buffer): GraphConnection => ({
      to: buffer.sink === null ? "nothing" : nameOf(world, buffer.sink),
      srcQueue: buffer.sourceQueue,
      dstQueue: buffer.sinkQueue,
    })),
  }));
}

function nameOf(world: World, { name, moduleId, instanceId }: GraphComponent): string {
  return `${name} ${world.logIdOfOurs(moduleId)}:${instanceId}`;
}
