import {
  audioFormat,
  bytesControl,
  type ControlRecord,
  type ModuleOptions,
  switchControl,
  TopologyBuilder,
} from "@sof-ts/topology";
import type { ControlDescription, ModuleProject } from "./manifest.js";
import type { Project } from "./project.js";

/**
 * Makes a topology to hear a library with: one playback PCM, "Music", that runs through all its modules, in
 * the order of the manifest, and out of an HD-A link. The firmware finds the modules by their UUIDs.
 */
export function topologyOf(project: Project): Uint8Array {
  const hostFormats = [audioFormat("S16_LE"), audioFormat("S24_LE"), audioFormat("S32_LE")];
  const format = audioFormat("S32_LE");
  const builder = new TopologyBuilder();
  const music = builder.pipeline({ id: 1 });
  const host = music.hostCopier({
    direction: "playback",
    stream: "Music Playback",
    inputs: hostFormats,
    outputs: [format, format, format],
  });
  const effects = project.modules.map((module) =>
    music.module(module.uuid, {
      name: `${module.name.toLowerCase()}.1.1`,
      ...schedulingOf(module),
      controls: module.controls.map(controlOf),
      ...costOf(module),
    }),
  );
  const mixin = music.mixin({ format });
  const output = builder.pipeline({ id: 2 });
  const mixout = output.mixout({ format });
  const speaker = output.daiCopier({ direction: "playback", type: "HDA", link: "Analog", format });
  return builder
    .route(host, ...effects, mixin, mixout, speaker)
    .pcm({
      id: 0,
      name: "Music",
      playback: { host, formats: ["S16_LE", "S24_LE", "S32_LE"] },
    })
    .link({ id: 0, name: "Analog", type: "HDA", index: 0 })
    .build();
}

function controlOf(control: ControlDescription): ControlRecord {
  const { name } = control;
  if (control.kind === "switch") return switchControl({ name });
  return bytesControl({ name, paramId: control.param, payload: control.bytes });
}

/** A data-processing module has a thread of its own and works in blocks of 10 ms. */
function schedulingOf({ domain }: ModuleProject): Pick<ModuleOptions, "format" | "domain"> {
  const format = audioFormat("S32_LE");
  if (domain === "LL") return { format };
  return { format: { format, periodMs: 10 }, domain: { scheduling: "DP" } };
}

/** Cycles of a period of 48 stereo frames, where the manifest states them. */
function costOf({ configs }: ModuleProject): { readonly cpc?: number } {
  const cpc = configs.find(({ ibs }) => ibs === 384)?.cpc;
  return cpc === undefined || cpc === 0 ? {} : { cpc };
}
