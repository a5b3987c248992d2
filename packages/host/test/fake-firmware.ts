import {
  BaseFwParam,
  decodeRequest,
  encodeCounted,
  encodeFwConfig,
  encodeNotification,
  fwConfigNumber,
  FwConfigType,
  type Ipc4Message,
  type Ipc4Notification,
  type ModuleInfo,
  moduleInfo,
  moduleType,
  replyWords,
  type Words,
} from "@sof-ts/ipc4";
import { moduleUuid } from "@sof-ts/topology";
import type { HostWait, WaitingLink } from "../src/host-task.js";
import type { HostLink, RegisterMap } from "../src/ports.js";
import { FakeObjects } from "./fake-objects.js";

/** A request as the firmware received it. */
export interface ReceivedRequest {
  readonly message: Ipc4Message;
  readonly words: Words;
  readonly payload: Uint8Array;
}

/** A module in the fake's manifest. */
export interface FakeModule {
  readonly name: string;
  readonly initConfig?: number;
  readonly dp?: boolean;
  readonly maxInstances?: number;
}

/** Modules of every topology of the field, at the indices that real images give the first of them. */
export const fieldModules: readonly (FakeModule | null)[] = [
  { name: "basefw", maxInstances: 1 },
  null,
  { name: "mixin" },
  { name: "mixout" },
  { name: "copier" },
  null,
  { name: "gain" },
  { name: "src4" },
  { name: "asrc4" },
  null,
  null,
  { name: "eq_iir" },
  { name: "eq_fir" },
  { name: "drc" },
  { name: "tdfb" },
  { name: "google_rtc_audio_processing", initConfig: 1, dp: true },
  { name: "dts", initConfig: 1 },
];

/** What a fake firmware is told to do. */
export interface FakeFirmwareOptions {
  readonly modules?: readonly (FakeModule | null)[];
  readonly maxPipelines?: number;
  readonly traceBytes?: number;
  /** Time from the doorbell to the reply. */
  readonly latencyUs?: number;
  /** Time from the reply until the host may ring again. */
  readonly doneLatencyUs?: number;
  /** Do not announce itself. */
  readonly silentBoot?: boolean;
  readonly completion?: RegisterMap["completion"];
}

const BUSY = 0x8000_0000;

/**
 * Stands where the DSP is: registers, windows and a clock, with a firmware behind them that keeps objects
 * but plays nothing. It answers by the protocol and records what it was asked.
 */
export class FakeFirmware implements HostLink, WaitingLink {
  readonly registers: RegisterMap;
  readonly requests: ReceivedRequest[] = [];
  objects = new FakeObjects();
  /** Protocol violations of the host: ringing while busy, a payload that changed under way. */
  readonly violations: string[] = [];
  /** Decides about a request before the firmware does: a status, or `"silence"` for no answer at all. */
  intercept: (request: ReceivedRequest, index: number) => number | "silence" | undefined = () =>
    undefined;
  /** Replies of LARGE_CONFIG_GET to modules, by parameter. */
  readonly parameters = new Map<number, Uint8Array>();
  private readonly options: FakeFirmwareOptions;
  private readonly windows = [new Uint8Array(0x2000), new Uint8Array(0x1000)];
  private readonly file = new Map<string, number>();
  private readonly names: ReadonlyMap<number, string>;
  private readonly outgoing: { words: Words; payload: Uint8Array; reply: boolean }[] = [];
  private timeUs = 0;
  private doneAtUs = Number.POSITIVE_INFINITY;
  private request: { words: Words; dueUs: number } | null = null;

  constructor(options: FakeFirmwareOptions = {}) {
    this.options = options;
    this.registers = {
      tdr: 0,
      tda: 4,
      tdd: 8,
      idr: 0x10,
      ida: 0x14,
      idd: 0x18,
      ctl: 0x28,
      completion: options.completion ?? "clearBit31",
    };
    this.names = new Map(Object.entries(this.registers).map(([name, at]) => [at, name]));
    if (options.silentBoot !== true) this.notify({ kind: "fw-ready", librariesRestored: false });
  }

  /** Requests since the last call, without those of the boot if that was the first. */
  take(): ReceivedRequest[] {
    return this.requests.splice(0);
  }

  /** Queues a notification. */
  notify(notification: Ipc4Notification, payload: Uint8Array = new Uint8Array(0)): void {
    this.outgoing.push({ words: encodeNotification(notification), payload, reply: false });
  }

  /** Queues any two words, as a firmware gone wrong could send them. */
  send(words: Words, payload: Uint8Array = new Uint8Array(0)): void {
    this.outgoing.push({ words, payload, reply: false });
  }

  /** A power cycle: nothing of what there was is left. */
  reboot(): void {
    this.objects = new FakeObjects();
    this.outgoing.length = 0;
    this.request = null;
    this.doneAtUs = Number.POSITIVE_INFINITY;
    this.file.clear();
    this.notify({ kind: "fw-ready", librariesRestored: false });
  }

  nowUs(): number {
    return this.timeUs;
  }

  read32(offset: number): number {
    return this.register(this.nameOf(offset));
  }

  write32(offset: number, value: number): void {
    const name = this.nameOf(offset);
    if (name === "idr" && this.register("idr") >>> 31 === 1)
      this.violations.push("rung while busy");
    if (name === "tdr") this.clear("tdr", value);
    else if (name === "ida") this.clear("ida", value);
    else if (name === "tda") this.complete(value);
    else this.file.set(name, value >>> 0);
    if (name === "idr" && (value & BUSY) !== 0) this.ring(value);
  }

  readWindow(window: number, offset: number, length: number): Uint8Array {
    return (this.windows[window] as Uint8Array).slice(offset, offset + length);
  }

  writeWindow(window: number, offset: number, bytes: Uint8Array): void {
    const busy = this.register("idr") >>> 31 === 1;
    if (window === 1 && busy) this.violations.push("mailbox written while busy");
    (this.windows[window] as Uint8Array).set(bytes, offset);
  }

  advance({ kind, timeoutUs }: HostWait): "irq" | "timeout" {
    const deadline = this.timeUs + timeoutUs;
    for (;;) {
      this.deliver();
      if (kind === "irq" && this.interrupting) return "irq";
      const due = Math.min(this.request?.dueUs ?? Number.POSITIVE_INFINITY, this.doneAtUs);
      if (due > deadline) break;
      this.timeUs = Math.max(this.timeUs, due);
      if (due === this.doneAtUs) this.finish();
      else this.answer();
    }
    this.timeUs = deadline;
    return "timeout";
  }

  private get interrupting(): boolean {
    const enabled = this.register("ctl");
    const requested = this.register("tdr") >>> 31 === 1 && (enabled & 1) !== 0;
    return requested || (this.register("ida") >>> 31 === 1 && (enabled & 2) !== 0);
  }

  private ring(value: number): void {
    const words = { primary: value & 0x7fff_ffff, extension: this.register("idd") };
    this.request = { words, dueUs: this.timeUs + (this.options.latencyUs ?? 100) };
  }

  private answer(): void {
    const { words } = this.request as { words: Words };
    this.request = null;
    const payload = this.readWindow(1, 0, 0x1000);
    const message = decodeRequest(words.primary, words.extension);
    const request = {
      message,
      words,
      payload: payload.subarray(0, payloadBytes(message, payload)),
    };
    this.requests.push(request);
    const intercepted = this.intercept(request, this.requests.length - 1);
    if (intercepted === "silence") return;
    if (intercepted !== undefined) this.reply(replyWords(words, intercepted));
    else this.handle(request);
    this.doneAtUs = this.timeUs + (this.options.doneLatencyUs ?? 0);
    if (this.doneAtUs === this.timeUs) this.finish();
  }

  private finish(): void {
    this.doneAtUs = Number.POSITIVE_INFINITY;
    this.file.set("idr", this.register("idr") & 0x7fff_ffff);
    this.file.set("ida", BUSY);
  }

  private handle(request: ReceivedRequest): void {
    const { message, words, payload } = request;
    if (message.kind !== "large-config-get") {
      this.reply(replyWords(words, this.objects.handle(message, payload)));
      return;
    }
    const data = this.parameter(message.moduleId, message.paramId);
    if (data === undefined) {
      this.reply(replyWords(words, 9));
      return;
    }
    const offset = message.initBlock ? 0 : message.dataOffSize;
    const part = data.subarray(offset, offset + 0x1000);
    const count = message.initBlock ? data.length : part.length;
    this.reply(replyWords(words, 0, (words.extension & ~0xf_ffff) | count), part);
  }

  private parameter(moduleId: number, paramId: number): Uint8Array | undefined {
    if (moduleId !== 0) return this.parameters.get(paramId);
    if (paramId === BaseFwParam.FW_CONFIG) {
      return encodeFwConfig([
        fwConfigNumber(FwConfigType.TRACE_LOG_BYTES, this.options.traceBytes ?? 0),
        fwConfigNumber(FwConfigType.MAX_PPL_CNT, this.options.maxPipelines ?? 32),
        fwConfigNumber(FwConfigType.MAX_LIBS_COUNT, 16),
      ]);
    }
    if (paramId === BaseFwParam.MODULES_INFO_GET) {
      const modules = this.options.modules ?? fieldModules;
      const entries = modules.flatMap((module, index) =>
        module === null ? [] : [moduleEntryOf(module, index)],
      );
      return encodeCounted(moduleInfo, entries);
    }
    return undefined;
  }

  private reply(words: Words, payload: Uint8Array = new Uint8Array(0)): void {
    // A reply goes before the notifications that wait.
    this.outgoing.unshift({ words, payload, reply: true });
  }

  private deliver(): void {
    if (this.register("tdr") >>> 31 === 1 || this.file.get("tda") === 1) return;
    const next = this.outgoing.shift();
    if (next === undefined) return;
    (this.windows[0] as Uint8Array).set(next.payload, 0x1000);
    this.file.set("tdd", next.words.extension >>> 0);
    this.file.set("tdr", (next.words.primary | BUSY) >>> 0);
    this.file.set("tda", 1);
  }

  private complete(value: number): void {
    const right = this.registers.completion === "setBit31" ? BUSY : 0;
    if (value >>> 0 !== right >>> 0) this.violations.push("completed in the other family's way");
    this.file.set("tda", 0);
  }

  private clear(name: string, value: number): void {
    if ((value & BUSY) !== 0) this.file.set(name, this.register(name) & 0x7fff_ffff);
  }

  private register(name: string): number {
    return (this.file.get(name) ?? 0) >>> 0;
  }

  private nameOf(offset: number): string {
    const name = this.names.get(offset);
    if (name === undefined) throw new Error(`no register at 0x${offset.toString(16)}`);
    return name;
  }
}

/** How much of the mailbox belongs to a request. */
function payloadBytes(message: Ipc4Message, mailbox: Uint8Array): number {
  const word = new DataView(mailbox.buffer, mailbox.byteOffset).getUint32(0, true);
  switch (message.kind) {
    case "init-instance":
      return message.paramBlockWords * 4;
    case "set-pipeline-state":
      return message.multiPipeline ? 4 * (word + 1) : 0;
    case "set-dx":
      return 8;
    case "large-config-set":
      if (message.initBlock) return Math.min(message.dataOffSize, 0x1000);
      return 0x1000;
    case "large-config-get":
      return message.paramId >= 200 && message.paramId <= 202 ? 20 : 0;
    default:
      return 0;
  }
}

function moduleEntryOf(module: FakeModule, moduleId: number): ModuleInfo {
  const type = moduleType.decode(new Uint8Array(4));
  return {
    moduleId,
    stateFlags: 0,
    name: module.name.slice(0, 8).toUpperCase(),
    uuid: moduleUuid(module.name),
    type: {
      ...type,
      domainLl: module.dp !== true,
      domainDp: module.dp === true,
      initConfig: module.initConfig ?? 0,
    },
    hash: new Uint8Array(32),
    entryPoint: 0,
    cfgOffset: 0,
    cfgCount: 0,
    affinityMask: 0xf,
    instanceMaxCount: module.maxInstances ?? 32,
    instanceBssSize: 0,
    segments: Array.from({ length: 3 }, () => ({ flags: 0, vBaseAddr: 0, fileOffset: 0 })),
  };
}
