import {
  describeModuleNeeds,
  type HostDma,
  HostDriver,
  type HostLink,
  type LinkControl,
  runHostTask,
} from "@sof-ts/host";
import {
  audioFormat,
  makeTopology,
  moduleUuid,
  TopologyBuilder,
  TopologyGraph,
} from "@sof-ts/topology";

// A topology: one PCM through a volume into an HD Audio link.
const format = audioFormat("S32_LE");
const builder = new TopologyBuilder();
const pipeline = builder.pipeline({ id: 1 });
const host = pipeline.hostCopier({ direction: "playback", stream: "Music", format });
const volume = pipeline.gain({ format });
const dai = pipeline.daiCopier({ direction: "playback", type: "HDA", link: "Analog", format });
builder
  .route(host, volume, dai)
  .pcm({ id: 0, name: "Music", playback: { host, formats: ["S32_LE"] } })
  .link({ id: 0, name: "Analog", type: "HDA", index: 0 });
const topology = makeTopology(builder.file());

// A DSP that is ready from the start and says yes to everything. A real one is behind the same registers.
const words = new Map([[0, 0x9b08_0000]]);
const link: HostLink = {
  registers: {
    tdr: 0,
    tda: 4,
    tdd: 8,
    idr: 16,
    ida: 20,
    idd: 24,
    ctl: 40,
    completion: "clearBit31",
  },
  read32: (offset) => words.get(offset) ?? 0,
  write32(offset, value) {
    words.set(offset, offset === 0 ? 0 : value);
    if (offset !== 16) return;
    words.set(16, 0);
    words.set(8, (words.get(24) ?? 0) & ~0xf_ffff);
    words.set(0, ((value & 0x5f00_0000) | 0xa000_0000) >>> 0);
  },
  readWindow: (_window, _offset, length) => new Uint8Array(length),
  writeWindow: () => {},
  nowUs: () => 0,
};
const nothing = () => {};
const dma: HostDma = {
  streamCount: () => 1,
  allocate: () => ({
    tag: 1,
    configure: () => 0,
    start: nothing,
    stop: nothing,
    position: () => 0,
    write: nothing,
    read: nothing,
    setApplicationPosition: nothing,
    release: nothing,
  }),
};
const links: LinkControl = {
  allocate: () => ({
    tag: 1,
    alhId: null,
    start: nothing,
    stop: nothing,
    position: () => null,
    release: nothing,
  }),
};

// What must the firmware have?
const needs = describeModuleNeeds(new TopologyGraph(topology), "Music", "playback");
console.log(needs.map(({ name }) => name).join(" ")); // copier gain

// Drive it. The log listener sees each message.
const sent: string[] = [];
const driver = new HostDriver({
  topology,
  link,
  dma,
  links,
  options: {
    modules: ["copier", "gain"].map((name, moduleId) => ({
      moduleId,
      name,
      uuid: moduleUuid(name),
      initConfig: 0,
      dataProcessing: false,
      maxInstances: 8,
      configs: [],
    })),
  },
  log: (entry) => {
    if (entry.kind === "tx") sent.push(entry.primary.toString(16));
  },
});
const run = <T>(task: Parameters<typeof runHostTask<T>>[0]) =>
  runHostTask(task, { advance: () => "irq" });

run(driver.boot());
const music = driver.openPcm("Music", "playback");
const [choice] = driver.supportedParams("Music", "playback");
console.log(`${choice?.rate} ${choice?.channels} ${choice?.format}`); // 48000 2 S32_LE

sent.length = 0;
run(
  music.hwParams({
    rate: 48000,
    channels: 2,
    format: "S32_LE",
    periodFrames: 480,
    bufferFrames: 1920,
  }),
);
console.log(sent.join(" ")); // 11000006 40000000 40000001 40010000 45000000 45000001

run(music.prepare());
console.log(music.write(new Uint8Array(7680))); // 7680
sent.length = 0;
run(music.trigger("start"));
run(music.close());
console.log(sent.join(" ")); // 13000003 13000004 13000003 13000002 12000000
