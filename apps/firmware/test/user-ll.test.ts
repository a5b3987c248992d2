import { MemAttr, ObjFlag, Thread } from "@sof-ts/kernel";
import { AudioMemory } from "@sof-ts/module-api";
import { describe, expect, it } from "vitest";
import { type FirmwareConfig, HostStreams } from "../src/index.js";
import { defaultModules } from "../src/modules.js";
import { gain } from "./payloads.js";
import { RawHost } from "./raw-host.js";
import { createPipeline, init, modules, NumberedStream, ok, setCore } from "./stream.js";

/** Where the uncached alias of the LL user heap begins. */
const UNCACHED = 0x2000_0000;

function boot(config: Partial<FirmwareConfig> = {}, cores = 2): RawHost {
  const host = new RawHost({ config: { platform: "ptl", ...config } });
  host.boot();
  for (let core = 1; core < cores; core++) setCore(host, core, true);
  return host;
}

/** Names of the kernel's dynamic objects. */
function dynamicObjects({ firmware }: RawHost): readonly string[] {
  return [...firmware.kernel.objects]
    .filter(({ flags }) => (flags & ObjFlag.DYNAMIC) !== 0)
    .map(({ name }) => name);
}

describe("the LL domain of each core in user LL", () => {
  it("has a user-mode thread pinned to its core, in the LL memory domain, that ticks every period", () => {
    const host = boot({}, 4);
    const { domain, kernel } = host.firmware;
    for (let core = 0; core < 4; core++) {
      const thread = domain.thread(core);
      expect(thread).toMatchObject({ userMode: true, priority: -16, cpuMask: 1 << core });
      expect(thread?.domain?.name).toBe("zephyr_ll_mem_domain");
    }
    const ticks = (): readonly number[] =>
      [0, 1, 2, 3].map((core) => domain.scheduler(core)?.stats.ticks ?? Number.NaN);
    const before = ticks();
    host.run(10);
    expect(ticks()).toEqual(before.map((count) => count + 10));
    expect(kernel.halted).toBeNull();
  });

  it("has its scheduler objects in the LL user heap, uncached, as long as the core is on", () => {
    const host = boot({}, 1);
    const { domain, heap } = host.firmware;
    const before = heap.use;
    setCore(host, 1, true);
    const addresses = [0, 1].map((core) => domain.scheduler(core)?.address ?? 0);
    for (const address of addresses) {
      const partition = domain
        .thread(0)
        ?.domain?.partitions.find((each) => each?.start === UNCACHED + AudioMemory.RESERVED_BYTES);
      expect(partition?.attr).toBe(MemAttr.P_RW_U_RW | MemAttr.UNCACHED);
      expect(address).toBeGreaterThanOrEqual(UNCACHED + AudioMemory.RESERVED_BYTES);
      expect(address).toBeLessThan(UNCACHED + heap.memory.byteLength);
      expect(domain.thread(0)?.domain?.allows(address, 4, true)).toBe(true);
    }
    expect(new Set(addresses).size).toBe(2);
    expect(heap.use.blocks).toBe(before.blocks + 1);
    setCore(host, 1, false);
    expect(heap.use).toEqual(before);
  });

  it.each([
    ["sound in the uncached alias", "uncached"],
    ["in the cached alias a detected defect", "cached"],
  ] as const)("reads of scheduler objects and lists by other cores: %s", (_what, alias) => {
    const host = new RawHost({ config: { platform: "ptl" }, checked: ["coherence", "privilege"] });
    const { heap, checks } = host.firmware;
    if (alias === "cached") {
      Object.assign(heap, {
        allocCoherent: (bytes: number) => heap.alloc(bytes),
        freeCoherent: (address: number) => heap.free(address),
      });
    }
    host.boot();
    for (let cycle = 0; cycle < 2; cycle++) {
      setCore(host, 1, true);
      const stream = new NumberedStream(host, new HostStreams(host.firmware.soc), 0, 1);
      stream.create();
      stream.start();
      host.run(5);
      stream.stop();
      stream.destroy();
      // Core 0 looks whether core 1 has tasks left.
      setCore(host, 1, false);
    }
    const found = (checks?.violations ?? []).map(({ rule, object }) => `${rule} of ${object}`);
    if (alias === "uncached") expect(found).toEqual([]);
    else expect(found).toContain("missing-write-back of zephyr_ll1");
  });

  it("makes its semaphores when the core comes up, as dynamic objects that go with it", () => {
    const host = boot({}, 1);
    expect(dynamicObjects(host)).not.toContain("ll_tick1");
    setCore(host, 1, true);
    expect(dynamicObjects(host)).toEqual(expect.arrayContaining(["ll_tick0", "ll_tick1"]));
    setCore(host, 1, false);
    expect(dynamicObjects(host)).not.toContain("ll_tick1");
  });

  it("has static semaphores in kernel LL", () => {
    const host = boot({ locking: "kernel-ll" });
    expect(dynamicObjects(host).filter((name) => name.startsWith("ll_tick"))).toEqual([]);
    expect([...host.firmware.kernel.objects].map(({ name }) => name)).toEqual(
      expect.arrayContaining(["ll_tick0", "ll_tick1"]),
    );
  });
});

describe("memory of a module that is initialised in user space", () => {
  it("is the LL user heap's, which the thread that makes it can write", () => {
    const taken: number[] = [];
    const threads: string[] = [];
    const drivers = new Map(
      [...defaultModules()].map(([id, driver]) => [
        id,
        {
          ...driver,
          create: (...[services, payload]: Parameters<typeof driver.create>) => {
            const { current } = host.firmware.kernel;
            threads.push(`${current.name} ${current.userMode ? "user" : "kernel"}`);
            const alloc = services.heap.alloc.bind(services.heap);
            const heap = Object.assign(services.heap, {
              alloc(bytes: number, align?: number): number {
                const address = alloc(bytes, align);
                expect(current.domain?.allows(address, bytes, true)).toBe(true);
                taken.push(bytes);
                return address;
              },
            });
            return driver.create({ ...services, heap }, payload);
          },
        },
      ]),
    );
    const host = new RawHost({ config: { platform: "ptl" }, modules: drivers });
    host.boot();
    setCore(host, 1, true);
    createPipeline(host, 0, 1);
    const before = host.firmware.heap.use.bytes;
    init(host, modules.GAIN, 0, 0, 1, gain(0x7fff_ffff));
    expect(threads).toEqual(["ll_user1 user"]);
    const sum = taken.reduce((total, bytes) => total + bytes, 0);
    expect(sum).toBeGreaterThan(0);
    expect(host.firmware.heap.use.bytes - before).toBeGreaterThanOrEqual(sum);
    ok(host, 0x1200_0000, 0);
  });
});

describe("the image's cold read-only data", () => {
  it.each([0, 0x2000])(
    "of %i bytes is for the user threads of IPC to read, not to write",
    (bytes) => {
      const host = boot({ coldRodataBytes: bytes });
      const { kernel, soc } = host.firmware;
      const { base } = soc.platform.memory.imr;
      const threads = [...kernel.objects].filter(
        (object) =>
          object instanceof Thread && object.userMode && object.name.startsWith("ll_user"),
      ) as Thread[];
      expect(threads).toHaveLength(2);
      for (const { domain } of threads) {
        expect(domain?.allows(base, 16, false)).toBe(bytes > 0);
        expect(domain?.allows(base + 0x1ff0, 16, false)).toBe(bytes > 0);
        expect(domain?.allows(base + 0x2000, 1, false)).toBe(false);
        expect(domain?.allows(base, 16, true)).toBe(false);
      }
      host.run(5);
      expect(kernel.halted).toBeNull();
    },
  );
});

describe("LL threads", () => {
  const nameOf = (config: Partial<FirmwareConfig>): string | undefined =>
    boot(config).firmware.domain.thread(1)?.name;

  it("have another name in user LL than in kernel LL, and none where threads have no names", () => {
    expect(nameOf({})).toBe("ll_thread1");
    expect(nameOf({ locking: "kernel-ll" })).toBe("ll_kernel1");
    expect(nameOf({ CONFIG_THREAD_NAME: false })).toBe("");
  });
});

describe("IPC system calls", () => {
  it.each(["user-ll", "kernel-ll"] as const)(
    "are there for user threads with %s, and check what they are given",
    (locking) => {
      const host = boot({ locking });
      const { kernel } = host.firmware;
      const sent: unknown[] = [];
      const send = (bytes: number): void => {
        const thread = kernel.createThread({
          name: "sender",
          priority: 3,
          user: true,
          *entry() {
            const payload = new Uint8Array(bytes);
            sent.push(kernel.syscall("ipc_msg_send", 0x1b0a_0000, 0, payload));
          },
        });
        thread.cpuPin(0);
      };
      send(16);
      host.run(1);
      expect(sent).toHaveLength(1);
      expect(host.take()?.primary).toBe(0x1b0a_0000);
      send(4097);
      expect(() => host.run(1)).toThrow(/ipc_msg_send by sender failed verification/);
      expect(sent).toHaveLength(1);
    },
  );
});
