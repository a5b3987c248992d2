import { describeModuleNeeds, type ModuleNeed, type StreamDirection } from "@sof-ts/host";
import { InputError } from "@sof-ts/kit";
import { builtinModules } from "@sof-ts/modules";
import type { TopologyGraph } from "@sof-ts/topology";

/**
 * Modules of a stream's path that this firmware has no implementation of.
 *
 * @param loadable UUIDs that libraries bring
 */
export function missingModules(
  graph: TopologyGraph,
  pcm: string | number,
  direction: StreamDirection,
  loadable: ReadonlySet<string> = new Set(),
): readonly ModuleNeed[] {
  const builtin = builtinModules.map(({ manifest }) => manifest.uuid);
  const known = new Set([...builtin, ...loadable]);
  return describeModuleNeeds(graph, pcm, direction).filter(
    ({ uuid }) => uuid !== null && !known.has(uuid),
  );
}

/** @throws InputError that names UUID, module and widgets of everything that is missing */
export function checkMissingModules(
  graph: TopologyGraph,
  pcm: string,
  direction: StreamDirection,
  loadable?: ReadonlySet<string>,
): void {
  const missing = missingModules(graph, pcm, direction, loadable);
  if (missing.length === 0) return;
  const list = missing.map(
    ({ uuid, name, widgets }) => `${uuid} (${name ?? "not registered"}) of ${widgets.join(", ")}`,
  );
  throw new InputError(
    `PCM "${pcm}" ${direction} needs modules that are not implemented: ${list.join("; ")}`,
    {
      source: graph.topology.source,
      remedy: "Give the library that has them with --library FILE",
    },
  );
}
