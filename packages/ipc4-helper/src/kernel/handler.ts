import { decodeRequest, isReply, type MessageOfKind, replyWords, Status } from "@sof-ts/ipc4";
import { type Kernel, K_FOREVER, type Sem } from "@sof-ts/kernel";
import type { AudioGraph } from "@sof-ts/pipeline";
import type { BaseFirmware } from "../base-firmware/base-firmware.js";
import type { Outbox, UplinkMessage } from "../outbox.js";
import type { FirmwarePort, HostIpcPort, ModuleDirectory } from "../ports.js";
import { ipcGatewayCopier } from "../user/ipc-gateway.js";
import type { IpcUserThread } from "../user/thread.js";
import { type Answer, plain } from "./answer.js";
import { Forwarder } from "./forwarder.js";
import { loadLibrary, prepareLibrary, unloadLibraries } from "./library.js";
import { setD0ix, setDx } from "./power.js";
import { targetCore } from "./route.js";
import { setPipelineState } from "./set-pipeline-state.js";

/** How often the power-down path looks whether the host has taken the last message, and how often at most. */
const DOORBELL_POLL_US = 250;
const DOORBELL_POLLS = 400;

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
  private readonly forwarder: Forwarder;

  constructor(config: KernelHandlerConfig) {
    this.config = config;
    this.forwarder = new Forwarder(config.host, (core) => config.userThread(core));
  }

  /** Body of the kernel IPC thread. */
  *run(): Generator<number, void, number> {
    const { host, outbox, requested, onMessage } = this.config;
    for (;;) {
      yield* requested.take(K_FOREVER);
      const request = host.readRequest();
      onMessage?.("request", request.primary, request.extension);
      if (isReply(request.primary)) {
        host.completeRequest();
        continue;
      }
      const answer = yield* this.execute(request.primary, request.extension);
      const words = replyWords(request, answer.status, answer.extension);
      onMessage?.("reply", words.primary, words.extension);
      const message = { ...words, payload: answer.payload };
      if (answer.powerOff === true) {
        yield* this.powerOff(message);
        return;
      }
      outbox.reply(message);
      host.completeRequest();
    }
  }

  /** The last message of core 0: it goes out ahead of everything that waits, and nothing follows it. */
  private *powerOff(reply: UplinkMessage): Generator<number, void, number> {
    const { kernel, host, outbox, firmware } = this.config;
    outbox.close();
    for (let polls = 0; host.uplinkBusy && polls < DOORBELL_POLLS; polls++)
      yield* kernel.usleep(DOORBELL_POLL_US);
    if (!host.uplinkBusy) outbox.sendDirect(reply);
    host.completeRequest();
    firmware.powerOff();
  }

  private *execute(primary: number, extension: number): Generator<number, Answer, number> {
    const message = decodeRequest(primary, extension);
    const { host, graph, firmware, baseFirmware } = this.config;
    const { forwarder } = this;
    const { options, libraries } = firmware;
    const answer = (status: number): Answer => plain(status, extension);
    switch (message.kind) {
      case "set-pipeline-state":
        return yield* setPipelineState(graph, forwarder, message, extension, host.downlink);
      case "create-pipeline":
        if (message.coreId >= firmware.coreCount) return answer(Status.INVALID_CORE_ID);
        return yield* forwarder.forward(message.coreId, message, extension);
      case "init-instance":
        return yield* this.initInstance(message, extension);
      case "large-config-get":
        if (message.moduleId !== 0) break;
        return yield* baseFirmware.get(message, extension, host.downlink);
      case "large-config-set":
        if (message.moduleId !== 0) break;
        return answer(yield* baseFirmware.set(message, host.downlink));
      case "config-get":
      case "config-set":
        if (message.moduleId !== 0) break;
        // The base firmware has no small parameters.
        return answer(
          message.instanceId === 0 ? Status.INVALID_REQUEST : Status.INVALID_RESOURCE_ID,
        );
      case "delete-pipeline":
      case "delete-instance":
      case "bind":
      case "unbind":
        break;
      case "chain-dma":
        if (!options.chainDma) return answer(Status.UNAVAILABLE);
        break;
      case "ipc-gateway-cmd":
        if (!options.ipcGateway) return answer(Status.UNAVAILABLE);
        return yield* this.ipcGateway(message, extension);
      case "load-library":
        return answer(yield* loadLibrary(libraries, message));
      case "load-library-prepare":
        return answer(yield* prepareLibrary(libraries, message));
      case "unload-multiple-modules":
        return answer(yield* unloadLibraries(libraries, message, host.downlink));
      case "set-dx":
        return yield* setDx(graph, firmware, message, extension, host.downlink);
      case "set-d0ix":
        return answer(setD0ix(firmware, message));
      case "unknown-module":
        return answer(Status.UNKNOWN_MESSAGE_TYPE);
      default:
        return answer(Status.UNAVAILABLE);
    }
    return yield* forwarder.forward(targetCore(message, graph), message, extension);
  }

  /** Finds the driver, which may lie in a library that user threads cannot see. */
  private *initInstance(
    message: MessageOfKind<"init-instance">,
    extension: number,
  ): Generator<number, Answer, number> {
    const { firmware, directory } = this.config;
    if (!firmware.coreEnabled(message.coreId)) return plain(Status.INVALID_CORE_ID, extension);
    const entry = directory.find(message.moduleId);
    const dataProcessing = message.procDomain === 1;
    if (entry === null || (dataProcessing && !firmware.options.dataProcessing))
      return plain(Status.MOD_NOT_INITIALIZED, extension);
    return yield* this.forwarder.forward(message.coreId, message, extension, {
      kind: "driver",
      driver: entry.driver,
      dataProcessing,
    });
  }

  /** The gateway is on the core of its copier. */
  private *ipcGateway(
    message: MessageOfKind<"ipc-gateway-cmd">,
    extension: number,
  ): Generator<number, Answer, number> {
    const { graph, host } = this.config;
    const view = new DataView(host.downlink.buffer, host.downlink.byteOffset, 4);
    const copier = ipcGatewayCopier(graph, view.getUint32(0, true));
    if (copier === null) return plain(Status.FAILURE, extension);
    return yield* this.forwarder.forward(copier.core, message, extension);
  }
}
