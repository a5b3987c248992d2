import { decodeRequest, type Ipc4Message, Status } from "@sof-ts/ipc4";
import { type Kernel, K_FOREVER, type Sem } from "@sof-ts/kernel";
import type { AudioGraph } from "@sof-ts/pipeline";
import type { BaseFirmware } from "../base-firmware/base-firmware.js";
import type { Outbox } from "../outbox.js";
import type { FirmwarePort, HostIpcPort, ModuleDirectory } from "../ports.js";
import type { MessageOfKind } from "@sof-ts/ipc4";
import type { Resolved, StatePhases, UserReply } from "../user/exchange.js";
import type { IpcUserThread } from "../user/thread.js";
import { pipelineIds } from "./pipeline-list.js";
import { setDx } from "./power.js";
import { targetCore } from "./route.js";

const RSP_BIT = 1 << 29;
const NO_PAYLOAD = new Uint8Array(0);

/** Status, extension and payload that go back for a request. */
interface Answer {
  readonly status: number;
  readonly extension: number;
  readonly payload: Uint8Array;
}

export interface KernelHandlerConfig {
  readonly kernel: Kernel;
  readonly host: HostIpcPort;
  readonly outbox: Outbox;
  readonly graph: AudioGraph;
  readonly directory: ModuleDirectory;
  readonly firmware: FirmwarePort;
  readonly baseFirmware: BaseFirmware;
  /** Given by the host IPC interrupt for each request. */
  readonly requested: Sem;
  /** The IPC thread of a core that is up, or null. */
  userThread(core: number): IpcUserThread | null;
  /** Called for each message as it comes and goes, for the log. */
  onMessage?(direction: "request" | "reply", primary: number, extension: number): void;
}

/**
 * The kernel half of the IPC4 handlers: takes requests from the host one at a time, executes what only the
 * kernel may do, and forwards the rest to the unprivileged IPC thread of the core concerned (SOF's
 * `handler-kernel.c`).
 */
export class KernelHandler {
  private readonly config: KernelHandlerConfig;

  constructor(config: KernelHandlerConfig) {
    this.config = config;
  }

  /** Body of the kernel IPC thread. */
  *run(): Generator<number, void, number> {
    const { host, outbox, requested, onMessage } = this.config;
    for (;;) {
      yield* requested.take(K_FOREVER);
      const { primary, extension } = host.readRequest();
      onMessage?.("request", primary, extension);
      if ((primary & RSP_BIT) !== 0) {
        host.completeRequest();
        continue;
      }
      const answer = yield* this.execute(primary, extension);
      const replyPrimary = ((primary & 0x5f00_0000) | RSP_BIT | (answer.status & 0xff_ffff)) >>> 0;
      onMessage?.("reply", replyPrimary, answer.extension);
      outbox.reply({ primary: replyPrimary, extension: answer.extension, payload: answer.payload });
      host.completeRequest();
    }
  }

  private *execute(primary: number, extension: number): Generator<number, Answer, number> {
    const message = decodeRequest(primary, extension);
    const { host, firmware, baseFirmware, directory } = this.config;
    const plain = (status: number): Answer => ({ status, extension, payload: NO_PAYLOAD });
    switch (message.kind) {
      case "set-pipeline-state":
        return yield* this.setPipelineState(message, extension);
      case "create-pipeline":
        if (message.coreId >= firmware.coreCount) return plain(Status.INVALID_CORE_ID);
        return yield* this.forward(message, extension, null);
      case "init-instance": {
        if (!firmware.coreEnabled(message.coreId)) return plain(Status.INVALID_CORE_ID);
        const entry = directory.find(message.moduleId);
        if (entry === null) return plain(Status.MOD_NOT_INITIALIZED);
        const dataProcessing = message.procDomain === 1;
        return yield* this.forward(message, extension, {
          kind: "driver",
          driver: entry.driver,
          dataProcessing,
        });
      }
      case "large-config-get":
        if (message.moduleId !== 0) return yield* this.forward(message, extension, null);
        return baseFirmware.get(message, extension, host.downlink);
      case "large-config-set":
        if (message.moduleId !== 0) return yield* this.forward(message, extension, null);
        return plain(yield* baseFirmware.set(message, host.downlink));
      case "chain-dma":
      case "delete-pipeline":
      case "delete-instance":
      case "bind":
      case "unbind":
      case "config-get":
      case "config-set":
        return yield* this.forward(message, extension, null);
      case "set-dx":
        return plain(yield* setDx(this.config.graph, firmware, message, host.downlink));
      case "set-d0ix":
        return plain(
          message.moduleId === 0 && message.instanceId === 0
            ? Status.SUCCESS
            : Status.INVALID_RESOURCE_ID,
        );
      case "unknown-module":
        return plain(Status.UNKNOWN_MESSAGE_TYPE);
      default:
        return plain(Status.UNAVAILABLE);
    }
  }

  /**
   * One state for a list of pipelines. A list on one core goes there whole; one that spans cores is prepared
   * on every core before any core triggers.
   */
  private *setPipelineState(
    message: MessageOfKind<"set-pipeline-state">,
    extension: number,
  ): Generator<number, Answer, number> {
    const { graph, host } = this.config;
    const plain = (status: number): Answer => ({ status, extension, payload: NO_PAYLOAD });
    const ids = pipelineIds(message, host.downlink, graph);
    if (typeof ids === "number") return plain(ids);
    const cores = new Set(ids.map((id) => graph.pipeline(id)?.core ?? 0));
    const [only] = cores;
    if (cores.size <= 1) {
      return yield* this.forwardTo(only ?? 0, message, extension, {
        kind: "pipelines",
        ids,
        phases: "both",
      });
    }
    const phases: readonly StatePhases[] = ["prepare", "trigger"];
    for (const phase of phases) {
      for (const id of ids) {
        const core = graph.pipeline(id)?.core ?? 0;
        const resolved: Resolved = { kind: "pipelines", ids: [id], phases: phase };
        const answer = yield* this.forwardTo(core, message, extension, resolved);
        if (answer.status !== Status.SUCCESS) return answer;
      }
    }
    return plain(Status.SUCCESS);
  }

  private *forward(
    message: Ipc4Message,
    extension: number,
    resolved: Resolved | null,
  ): Generator<number, Answer, number> {
    return yield* this.forwardTo(
      targetCore(message, this.config.graph),
      message,
      extension,
      resolved,
    );
  }

  /** Has the user half of a message executed on a core and waits for it. */
  private *forwardTo(
    core: number,
    message: Ipc4Message,
    extension: number,
    resolved: Resolved | null,
  ): Generator<number, Answer, number> {
    const thread = this.config.userThread(core);
    if (thread === null) return { status: Status.INVALID_CORE_ID, extension, payload: NO_PAYLOAD };
    if (thread.busy) return { status: Status.BUSY, extension, payload: NO_PAYLOAD };
    const reply: UserReply | null = yield* thread.forward({
      message,
      extension,
      downlink: this.config.host.downlink,
      resolved,
    });
    if (reply === null) return { status: Status.FAILURE, extension, payload: NO_PAYLOAD };
    return {
      status: reply.status,
      extension: reply.extension,
      payload: thread.payload.slice(0, reply.payloadBytes),
    };
  }
}
