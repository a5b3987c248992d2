import {
  audioFormat,
  describeTopology,
  parseTopology,
  TopologyBuilder,
  TopologyGraph,
  validateTopology,
  volumeControl,
  volumeTable,
} from "@sof-ts/topology";

// Build a topology: one PCM through a volume into an HDA link.
const s16 = audioFormat("S16_LE");
const s32 = audioFormat("S32_LE");
const builder = new TopologyBuilder();

const music = builder.pipeline({ id: 1 });
const host = music.hostCopier({
  direction: "playback",
  stream: "Music Playback",
  inputs: [s16, s32],
  outputs: [s32],
});
const volume = music.gain({ format: s32, controls: [volumeControl({ name: "Music Volume" })] });
const mixin = music.mixin({ format: s32 });

const output = builder.pipeline({ id: 2 });
const mixout = output.mixout({ format: s32 });
const dai = output.daiCopier({ direction: "playback", type: "HDA", link: "Analog", format: s32 });

builder
  .route(host, volume, mixin, mixout, dai)
  .pcm({ id: 0, name: "Music", playback: { host, formats: ["S16_LE", "S32_LE"] } })
  .link({ id: 0, name: "Analog", type: "HDA", index: 0 });
const bytes = builder.build();

// Read it, as any file that alsatplg wrote.
const topology = parseTopology(bytes, "music.tplg");
console.log(validateTopology(topology).length); // 0

// Ask what a stream needs.
const graph = new TopologyGraph(topology);
const pcm = graph.pcm("Music");
const path = pcm && graph.path(pcm, "playback");
console.log(path?.widgets.map((widget) => widget.module).join(" ")); // copier gain mixin mixout copier
console.log(path?.pipelines.map((pipeline) => pipeline.id)); // [ 1, 2 ]

// And what a value of its volume control sends.
const control = graph.widget("gain.1.1")?.controls[0];
if (control?.kind === "volume" && control.scale !== null) {
  console.log(volumeTable(control.scale, control.max)[40]?.toString(16)); // 28798000
}
console.log(describeTopology(topology).pcms[0]?.playback?.formats); // [ 'S16_LE', 'S32_LE' ]
