import { makeTopology, type Topology, type TopologyBuilder } from "@sof-ts/topology";
import { HostDriver } from "../src/host-driver.js";
import { type HostTask, runHostTask } from "../src/host-task.js";
import type { IpcLogEntry } from "../src/ipc-log.js";
import type { HostOptions } from "../src/options.js";
import type { PcmParams } from "../src/pcm-params.js";
import { FakeDma, FakeLinks } from "./fake-dma.js";
import { FakeFirmware, type FakeFirmwareOptions, type ReceivedRequest } from "./fake-firmware.js";

/** 48 kHz stereo in 32 bits, periods of 10 ms, four of them. */
export const stereo32: PcmParams = {
  rate: 48000,
  channels: 2,
  format: "S32_LE",
  periodFrames: 480,
  bufferFrames: 1920,
};

/** A driver with everything fake around it. */
export class TestBench {
  readonly firmware: FakeFirmware;
  readonly dma = new FakeDma(9);
  readonly links: FakeLinks;
  readonly driver: HostDriver;
  readonly log: IpcLogEntry[] = [];

  constructor(
    topology: Topology,
    options: Partial<HostOptions> = {},
    firmware: FakeFirmwareOptions = {},
  ) {
    this.firmware = new FakeFirmware(firmware);
    this.links = new FakeLinks(options.linkDma === "hdaLink");
    this.driver = new HostDriver({
      topology,
      link: this.firmware,
      dma: this.dma,
      links: this.links,
      options,
      log: (entry) => this.log.push(entry),
    });
  }

  /** Makes a driver that has booted, with the requests of the boot forgotten. */
  static booted(
    topology: Topology,
    options: Partial<HostOptions> = {},
    firmware: FakeFirmwareOptions = {},
  ): TestBench {
    const bench = new TestBench(topology, options, firmware);
    bench.run(bench.driver.boot());
    bench.firmware.take();
    return bench;
  }

  run<T>(task: HostTask<T>): T {
    return runHostTask(task, this.firmware);
  }

  /** @returns the requests since the last call, as "kind primary|extension" */
  requests(): string[] {
    return this.firmware
      .take()
      .map(({ message, words }) => `${message.kind} ${hex(words.primary)}|${hex(words.extension)}`);
  }

  /** What is taken anywhere: numbers in the driver, objects in the firmware, DMA streams, links. */
  get taken(): number {
    const numbers = Object.values(this.driver.inUse).reduce((sum, count) => sum + count, 0);
    return numbers + this.firmware.objects.count + this.dma.inUse + this.links.inUse;
  }
}

/** The typed model of a built topology. */
export const built = (builder: TopologyBuilder): Topology => makeTopology(builder.file());

/** @returns the payload of a request that must be there */
export function payloadOf(request: ReceivedRequest | undefined): Uint8Array {
  if (request === undefined) throw new Error("the request was not sent");
  return request.payload;
}

/** @returns bytes as little-endian 32-bit words */
export const wordsOf = (bytes: Uint8Array): number[] => [...new Uint32Array(bytes.slice().buffer)];

export const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** @returns bytes as pairs of digits, for a comparison that shows where it fails */
export const hexBytes = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
