import type { Widget } from "@sof-ts/topology";
import type { BlobSources } from "./backend-params.js";
import { BackEnd } from "./back-end.js";
import type { PipelineControl } from "./pipeline-control.js";
import type { LinkControl } from "./ports.js";
import type { DriverState } from "./widget-state.js";

/** The back ends of a topology, each made when it is first asked for. */
export class BackEnds {
  private readonly state: DriverState;
  private readonly services: {
    readonly pipelines: PipelineControl;
    readonly links: LinkControl;
    readonly sources: BlobSources;
  };
  private readonly made = new Map<string, BackEnd>();

  constructor(
    state: DriverState,
    services: {
      readonly pipelines: PipelineControl;
      readonly links: LinkControl;
      readonly sources: BlobSources;
    },
  ) {
    this.state = state;
    this.services = services;
  }

  /** The back end behind a DAI copier. */
  of(dai: Widget): BackEnd {
    const known = this.made.get(dai.name);
    if (known !== undefined) return known;
    const { topology } = this.state.graph;
    const direction = dai.dai?.direction ?? "playback";
    const link = topology.links.find((candidate) => candidate.name === dai.streamName);
    const backEnd = new BackEnd(
      {
        dai,
        link,
        endpoints: this.endpointsOf(dai, link?.widgets[direction] ?? []),
        pipeline: this.state.stateOf(dai).pipeline,
      },
      this.services,
    );
    this.made.set(dai.name, backEnd);
    return backEnd;
  }

  /** SoundWire links can have several DAI copiers that play one stream; others have the one. */
  private endpointsOf(dai: Widget, names: readonly string[]): Widget[] {
    if (dai.dai?.type !== "ALH") return [dai];
    const widgets = names
      .map((name) => this.state.graph.widget(name))
      .filter((widget) => widget !== undefined);
    return widgets.includes(dai) ? widgets : [dai];
  }
}
