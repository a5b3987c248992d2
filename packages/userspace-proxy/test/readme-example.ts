import { EventQueue } from "@sof-ts/kit";
import { K_FOREVER, Kernel, KHeap, MemAttr } from "@sof-ts/kernel";
import type { AudioModule, ModuleDriver, ModuleServices } from "@sof-ts/module-api";
import { ModuleHeap, UserspaceProxy } from "@sof-ts/userspace-proxy";

const kernel = new Kernel({
  cpus: 2,
  cyclesPerSecond: 400e6,
  ticksPerSecond: 15_000,
  events: new EventQueue(),
});
kernel.startCpu(1);

// At boot: one proxy for the firmware.
const mailbox = new Uint8Array(4096);
const proxy = new UserspaceProxy({
  kernel,
  cores: 2,
  pool: new KHeap(kernel, { base: 0x1000, size: 0x1_0000 }),
  CONFIG_SOF_USERSPACE_PROXY_WORKER_STACK_SIZE: 2048,
  mailbox: {
    bytes: mailbox,
    address: 0xa000_0000,
    partitions: [{ start: 0xa000_0000, size: 4096, attr: MemAttr.P_RO_U_RO }],
  },
  onLost: ({ operation }) => console.log("lost:", operation), // lost: set configuration
});

// A module that says who runs it, and takes 6 ms when it is configured with a 6.
class Chatty implements AudioModule {
  lastOperationCycles = 500;
  prepare(): number {
    console.log("prepared by", kernel.current.name, "in user mode:", kernel.isUserContext()); // prepared by userspace_proxy1 in user mode: true
    return 0;
  }
  setConfiguration(_id: number, _position: string, _size: number, fragment: Uint8Array): number {
    this.lastOperationCycles = (fragment[0] as number) * 400_000;
    return 0;
  }
  process = () => 0;
  reset = () => 0;
  free = () => {};
}
const driver: ModuleDriver = {
  manifest: {
    name: "CHATTY",
    uuid: "c3b5a0c2-32a7-4b63-9d2c-4f2a1f8e7d10",
    initConfig: "base",
    maxInstances: 4,
    domain: "DP",
    configs: [],
  },
  create: () => new Chatty(),
};

// INIT_INSTANCE on core 1, in that core's unprivileged IPC thread.
const ipc = kernel.createThread({
  name: "ipc1",
  priority: -1,
  user: true,
  delay: K_FOREVER,
  *entry() {
    const services = { moduleId: 7, instanceId: 0, core: 1 } as ModuleServices;
    const heap = new ModuleHeap({ base: 0xa010_0000, size: 0x4000, uncachedOffset: 0 });
    const handle = yield* proxy.create({
      driver,
      services,
      payload: mailbox.subarray(0, 40),
      heap,
    });
    if (typeof handle === "number") return;
    yield* handle.prepare([], []);
    mailbox[0] = 6;
    console.log(yield* handle.setConfiguration(1, "single", 1, mailbox.subarray(0, 1))); // -116
    console.log(handle.state, yield* handle.reset()); // dead -19
    yield* handle.free();
    console.log(proxy.instances, "instances,", heap.used, "bytes left"); // 0 instances, 0 bytes left
  },
});
ipc.cpuPin(1);
ipc.startNow();
kernel.run();
