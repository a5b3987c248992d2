import {
  KernelHandler,
  type KernelHandlerConfig,
  type Outbox,
  type UplinkMessage,
} from "@sof-ts/ipc4-helper";
import { K_FOREVER, type Kernel, Sem, type Thread } from "@sof-ts/kernel";
import type { Soc } from "@sof-ts/soc";
import { KERNEL_IPC_PRIORITY } from "./cores.js";
import type { SocHostIpc } from "./host-ipc-port.js";

/** What the kernel IPC thread works with. */
export interface KernelIpcParts extends Pick<
  KernelHandlerConfig,
  "graph" | "directory" | "firmware" | "baseFirmware" | "userThread"
> {
  readonly kernel: Kernel;
  readonly soc: Soc;
  readonly host: SocHostIpc;
  readonly outbox: Outbox;
  /** What core 0 does before it tells the host that it is there. Calling context: the thread; blocks. */
  readonly initialise: () => Generator<number, void, number>;
  readonly log: (level: "info" | "debug", module: string, message: string) => void;
}

const FW_READY: UplinkMessage = { primary: 0x1b08_0000, extension: 0, payload: new Uint8Array(0) };

/**
 * Where the host's messages come in and answers go out: the interrupt of the doorbell on core 0, and the kernel
 * IPC thread that it wakes, which serves one message at a time.
 */
export class KernelIpc {
  /** Messages that have been answered. */
  answered = 0;
  private readonly parts: KernelIpcParts;
  private readonly requested: Sem;

  constructor(parts: KernelIpcParts) {
    this.parts = parts;
    this.requested = new Sem(parts.kernel, 0, 1, "ipc requested");
  }

  /** Makes the thread, not started yet. Calling context: boot. */
  createThread(): Thread {
    return this.parts.kernel.createThread({
      name: "ipc",
      priority: KERNEL_IPC_PRIORITY,
      delay: K_FOREVER,
      entry: () => this.run(),
    });
  }

  /** Initialises core 0, tells the host, then serves it. */
  private *run(): Generator<number, void, number> {
    const { initialise, outbox } = this.parts;
    this.connectInterrupt();
    yield* initialise();
    outbox.reply(FW_READY);
    const handler = new KernelHandler({
      ...this.parts,
      requested: this.requested,
      onMessage: (direction, primary, extension) => this.onMessage(direction, primary, extension),
    });
    yield* handler.run();
  }

  private connectInterrupt(): void {
    const { kernel, soc } = this.parts;
    const irq = soc.platform.irq.hostIpc;
    kernel.irqConnect(0, irq, () => this.onInterrupt());
    kernel.irqEnable(0, irq);
    soc.interrupts.enable(0, irq);
    soc.hostIpc.dsp.enableInterrupts(true, true);
  }

  /** Host IPC interrupt: a request came, or the host took our last message. */
  private onInterrupt(): void {
    const { soc, outbox } = this.parts;
    const endpoint = soc.hostIpc.dsp;
    if (endpoint.requested) {
      endpoint.accept();
      this.requested.giveNow();
    }
    if (endpoint.done) {
      endpoint.clearDone();
      outbox.pump();
    }
  }

  private onMessage(direction: "request" | "reply", primary: number, extension: number): void {
    const { log } = this.parts;
    const words = `0x${primary.toString(16)}|0x${extension.toString(16)}`;
    if (direction === "request") {
      log("info", "ipc", `ipc_cmd: rx\t: ${words}`);
      return;
    }
    log("debug", "ipc", `ipc_msg_reply: tx\t: ${words}`);
    this.answered++;
  }
}
