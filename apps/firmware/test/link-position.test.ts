import type { AudioGraph, Component } from "@sof-ts/pipeline";
import { describe, expect, it } from "vitest";
import { linkPositionOf } from "../src/link-position.js";

interface Stage {
  /** Bytes that wait in the ring behind the stage, and whether the next one runs. */
  readonly buffered?: number;
  readonly nextActive?: boolean;
  readonly ibs?: number;
  readonly core?: number;
  readonly gateway?: { readonly kind: "host" | "alh"; readonly totalBytes: number };
}

/** A graph of one path: what the walk looks at, and no more. */
function path(...stages: readonly Stage[]): AudioGraph {
  const components: Component[] = [];
  for (const [index, stage] of stages.toReversed().entries()) {
    const sink = index === 0 ? null : (components[0] as Component);
    const stream = { available: stage.buffered ?? 0, consumerActive: stage.nextActive ?? true };
    components.unshift({
      state: "active",
      core: stage.core ?? 0,
      pins: { ibs: stage.ibs ?? 384, obs: 384 },
      module: { direct: { gateway: stage.gateway ?? null } },
      sinks: sink === null ? [] : [{ stream, sink }],
    } as unknown as Component);
  }
  return {
    component: (id: number) => components[id] ?? null,
    copyingCore: ({ core }: Component) => core,
  } as unknown as AudioGraph;
}

const host = { kind: "host", totalBytes: 5000 } as const;
const link = { kind: "alh", totalBytes: 9600 } as const;

describe("where the link of a stream is", () => {
  it("counts the periods that wait in each ring on the way, in periods of the one that takes them", () => {
    const graph = path(
      { gateway: host, buffered: 2 * 192 },
      { ibs: 192, buffered: 384 + 383 },
      { gateway: link },
    );
    expect(linkPositionOf(graph, 0)).toEqual({ bytes: 9600n, latencyPeriods: 3, periodBytes: 384 });
  });

  it("counts none in rings that are empty", () => {
    const graph = path({ gateway: host }, {}, { gateway: link });
    expect(linkPositionOf(graph, 0)).toMatchObject({ latencyPeriods: 0 });
  });

  it.each([
    ["the link does not run", path({ gateway: host, nextActive: false }, { gateway: link })],
    ["the path ends at no link", path({ gateway: host }, {})],
    [
      "another core copies what leads there",
      path({ gateway: host }, { core: 1 }, { gateway: link }),
    ],
    ["there is no such component", path()],
  ])("is not known when %s", (_why, graph) => {
    expect(linkPositionOf(graph, 0)).toBeNull();
  });

  it("is known of a link that is the far end of a ring to another core", () => {
    const graph = path({ gateway: host, buffered: 384 }, { gateway: link, core: 1 });
    expect(linkPositionOf(graph, 0)).toMatchObject({ bytes: 9600n, latencyPeriods: 1 });
  });
});
