import { BarLink, Firmware, type FirmwareConfig, HostStreams, Links } from "@sof-ts/firmware";
import { configsOf, readModuleTable } from "@sof-ts/firmware-image";
import { HostDriver, type HostTask, type LibraryFile, runHostTask } from "@sof-ts/host";
import { RecordingSink } from "@sof-ts/soc";
import { parseTopology } from "@sof-ts/topology";
import { packProject, type Project, topologyOf } from "../src/index.js";
import { signer } from "./example-projects.js";

/** The library of a project, as the host's driver finds it by UUID. */
function libraryOf(project: Project): LibraryFile {
  const table = readModuleTable(packProject(project, signer()), project.library);
  return {
    name: project.library,
    image: table.payload,
    modules: (libraryId) =>
      table.modules.map((entry, index) => ({
        moduleId: (libraryId << 12) | index,
        name: entry.name,
        uuid: entry.uuid,
        initConfig: entry.type.initConfig,
        dataProcessing: entry.type.dataProcessing,
        maxInstances: entry.maxInstances,
        configs: configsOf(table, entry),
      })),
  };
}

/** What a stream through a firmware was. */
export interface Heard {
  /** Samples of the link, both channels in turn, from the first that is not silent on. */
  readonly audio: Int32Array;
  /** Ids of the modules that played. */
  readonly modules: readonly string[];
  /** Whether one ran in a thread of its own. */
  readonly dataProcessing: boolean;
}

/**
 * Plays stereo samples through the topology of a project: the firmware boots, the driver loads the library
 * over IPC and DMA, sets up the PCM and starts it.
 */
export function playThrough(
  project: Project,
  samples: Int32Array,
  config: Partial<FirmwareConfig> = {},
): Heard {
  const firmware = new Firmware({ config, libraryKeys: { trusted: [signer().key] } });
  const link = new BarLink(firmware);
  const recorder = new RecordingSink();
  const library = libraryOf(project);
  const driver = new HostDriver({
    topology: parseTopology(topologyOf(project), "effect.tplg"),
    link,
    dma: new HostStreams(firmware.soc),
    links: new Links(firmware.soc, (_request, gateway) => {
      gateway.sink = recorder;
    }),
    options: { coreCount: firmware.platform.coreCount, librarySource: () => library },
  });
  const run = <T>(task: HostTask<T>): T => runHostTask(task, link);
  run(driver.boot());
  const stream = driver.openPcm("Music", "playback");
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  run(
    stream.hwParams({
      rate: 48_000,
      channels: 2,
      format: "S32_LE",
      periodFrames: 480,
      bufferFrames: 7680,
    }),
  );
  run(stream.prepare());
  const modules = firmware.graph.components.map(({ name }) => name);
  const dataProcessing = firmware.dpScheduler.tasks(0).length > 0;
  let written = stream.write(bytes);
  run(stream.trigger("start"));
  const silence = new Uint8Array(48_000);
  const end = bytes.length + silence.length;
  while (stream.position < bytes.length) {
    link.advance({ kind: "time", timeoutUs: 5000 });
    driver.handleInterrupt();
    if (written < bytes.length) written += stream.write(bytes.subarray(written));
    else if (written < end) written += stream.write(silence.subarray(written - bytes.length));
  }
  link.advance({ kind: "time", timeoutUs: 30_000 });
  run(stream.trigger("stop"));
  run(stream.hwFree());
  run(stream.close());
  const heard = recorder.recorded().slice();
  const all = new Int32Array(heard.buffer, 0, heard.length >> 2);
  const first = all.findIndex((sample) => sample !== 0);
  const start = Math.max(0, first - (first % 2));
  return { audio: all.slice(start, start + samples.length), modules, dataProcessing };
}
