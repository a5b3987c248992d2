import type { Gateway } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import { GatewayFactory } from "../src/gateway-factory.js";
import { Microphones } from "../src/microphones.js";
import { LlpSlots } from "../src/llp-slots.js";
import { HostStreams } from "../src/index.js";
import { RawHost } from "./raw-host.js";
import { strategies } from "./strategies.js";
import { NumberedStream, run } from "./stream.js";

const request = {
  nodeId: 0x0800,
  direction: "playback",
  dmaBufferBytes: 768,
  periodBytes: 384,
  config: new Uint8Array(4),
} as const;
const params = { rate: 48_000, channels: 2, frameFmt: 2, validFmt: 2, channelMap: 0x10 } as const;

/** Runs `body` in a user thread; returns why the firmware halted, if it did. */
function asUser(host: RawHost, body: () => void): string | null {
  const thread = host.firmware.kernel.createThread({
    name: "user",
    priority: 3,
    user: true,
    delay: Number.POSITIVE_INFINITY,
    // oxlint-disable-next-line require-yield
    *entry() {
      body();
    },
  });
  thread.cpuPin(0);
  thread.startNow();
  try {
    host.run(1);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function booted(): RawHost {
  const host = new RawHost();
  host.boot();
  return host;
}

describe("a gateway in user mode", () => {
  it("is a number and copies of what the driver knows", () => {
    const host = booted();
    const { kernel } = host.firmware;
    const seen: unknown[] = [];
    const halted = asUser(host, () => {
      const handle = kernel.syscall("sof_dma_request_channel", request);
      const copy: Record<string, unknown> = {};
      kernel.syscall("dai_get_properties_copy", handle, copy);
      seen.push(handle, { ...copy });
      // What the caller does to its copy is nobody else's concern.
      copy["ringBytes"] = 1;
      const again: Record<string, unknown> = {};
      kernel.syscall("dai_get_properties_copy", handle, again);
      seen.push(again);
      const status = { available: -1 };
      seen.push(kernel.syscall("sof_dma_config", handle, params));
      seen.push(kernel.syscall("sof_dma_get_status", handle, status), status);
      kernel.syscall("sof_dma_release_channel", handle);
    });
    const properties = {
      kind: "hda-link",
      nodeId: 0x0800,
      direction: "playback",
      ringStart: expect.any(Number),
      ringBytes: 768,
    };
    expect(halted).toBeNull();
    expect(seen).toEqual([1, properties, properties, 0, 0, { available: 0 }]);
  });

  it.each([
    ["a number that nobody was given", 7, 0],
    ["what is no number", {}, 0],
    ["more bytes than there is room for", 1, 769],
    ["less than nothing", 1, -8],
    ["what is no count", 1, Number.NaN],
  ])("ends a caller that passes %s", (_what, handle, bytes) => {
    const host = booted();
    const { kernel } = host.firmware;
    const halted = asUser(host, () => {
      kernel.syscall("sof_dma_request_channel", request);
      kernel.syscall("sof_dma_config", 1, params);
      kernel.syscall("sof_dma_reload", handle, bytes);
    });
    expect(halted).toContain("sof_dma_reload by user failed verification");
  });

  it.each([
    ["dma_config", (gateway: Gateway) => gateway.prepare(params)],
    ["dma_start", (gateway: Gateway) => gateway.start()],
    ["dma_stop", (gateway: Gateway) => gateway.stop()],
    ["dma_suspend", (gateway: Gateway) => gateway.pause()],
    ["dma_resume", (gateway: Gateway) => gateway.release()],
    ["dma_get_status", (gateway: Gateway) => gateway.status()],
    ["dma_reload", (gateway: Gateway) => gateway.reload(0)],
    ["dma_release_channel", (gateway: Gateway) => gateway.free()],
  ])("cannot be the driver's own: %s is privileged", (operation, use) => {
    const host = booted();
    const { soc, kernel, heap } = host.firmware;
    const slots = new LlpSlots(soc.windows.registers, () => 0);
    const factory = new GatewayFactory(soc, 1000, slots, new Microphones(), (name) =>
      kernel.supervisorOnly(name),
    );
    const gateway = factory.open(request, heap);
    if (typeof gateway === "number") throw new Error(`no gateway: ${gateway}`);
    expect(asUser(host, () => use(gateway))).toContain(`${operation} called from user mode`);
  });
});

describe.each(strategies)("the gateways of a stream with %s", (locking) => {
  it("take no lock and mask no interrupts: two system calls each, in user mode, for a period", () => {
    const host = new RawHost({ config: { locking } });
    host.boot();
    const stream = new NumberedStream(host, new HostStreams(host.firmware.soc), 0, 0);
    stream.create();
    stream.start();
    run(host, 10, [stream]);
    const { domain } = host.firmware;
    const count = (): readonly [number, number] => {
      const { counters } = domain.thread(0) ?? {};
      return [counters?.syscalls ?? 0, counters?.lockOps ?? 0];
    };
    const before = count();
    run(host, 10, [stream]);
    const after = count();
    const user = locking !== "kernel-ll";
    // The lock of the tick; for component mutexes that of the task, of each of three components, and of the graph
    // around and between these.
    const locks = locking === "component-mutex" ? 18 : 2;
    expect(after[1] - before[1]).toBe(10 * locks);
    expect(after[0] - before[0]).toBe(user ? 10 * (1 + locks + 2 * 2) : 0);
    expect(stream.faults).toEqual([]);
  });
});
