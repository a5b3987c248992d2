import {
  conversationOf,
  type ConversationItem,
  decodeLog,
  decodeRequest,
  type Exchange,
  guessInitPayload,
  type InitPayload,
  type Ipc4Message,
  NO_PIPELINE,
} from "@sof-ts/ipc4";
import { InputError } from "@sof-ts/kit";
import { type PlatformName, platformNames } from "@sof-ts/soc";
import { collectHints, type Hints } from "./context-hints.js";

/** What a log tells about a module, over all its instances. */
export interface ModuleEvidence {
  /** Names that the driver calls its instances. */
  readonly widgets: Set<string>;
  /** Sizes of init payloads in bytes. */
  readonly initSizes: number[];
  /** What the init payloads that the log shows look like. */
  readonly payloadKinds: Set<InitPayload["kind"]>;
  /** Whether 24 bytes of parameter 0 were set, as the driver does with volumes. */
  volumeSets: boolean;
  /** Whether a connection starts at it. */
  feeds: boolean;
  /** Whether a connection ends at it. */
  isFed: boolean;
}

/** What a log tells about one instance of a module. */
export interface InstanceEvidence {
  name?: string | undefined;
  /** Whether a connection starts at it. */
  feeds: boolean;
  /** Whether a connection ends at it. */
  isFed: boolean;
}

/** What a whole log says, collected before the first message is sent. */
export interface LogStudy {
  readonly source: string;
  /** What the log's comments say, but for those about gaps. */
  readonly comments: readonly string[];
  readonly items: readonly ConversationItem[];
  readonly hints: ReadonlyMap<number, Hints>;
  /** Platform of the driver that wrote the log; null where no line names one that we know. */
  readonly platform: PlatformName | null;
  readonly modules: ReadonlyMap<number, ModuleEvidence>;
  /** By {@link instanceKey}. */
  readonly instances: ReadonlyMap<number, InstanceEvidence>;
  /** Pipelines that messages name, where the log has the list or the message has no list. */
  readonly pipelines: ReadonlySet<number>;
  /** Lines that announce a message and do not hold it. */
  readonly damagedLines: readonly number[];
}

/** One number for an instance of a module, both as the log counts them. */
export const instanceKey = (moduleId: number, instanceId: number): number =>
  instanceId * 0x1_0000 + moduleId;

/**
 * Reads a log and collects what it says about modules, instances and pipelines.
 *
 * @throws InputError when no message is in it
 */
export function studyLog(text: string, source: string): LogStudy {
  const entries = decodeLog(text, source);
  const items = conversationOf(entries);
  if (!items.some(({ kind }) => kind === "exchange" || kind === "notification")) {
    throw new InputError("no IPC4 message found", {
      source,
      remedy: "Logs of the kernel need dynamic debug of snd_sof, or its bpftrace script",
    });
  }
  const study = new Study(collectHints(entries));
  for (const item of items) if (item.kind === "exchange") study.push(item);
  const damagedLines = entries.filter(({ kind }) => kind === "malformed").map(({ line }) => line);
  const comments = entries.flatMap((entry) =>
    entry.kind === "comment" && !entry.gap ? [entry.text] : [],
  );
  return { source, comments, items, platform: platformOf(text), damagedLines, ...study.result };
}

/** The request of an exchange, taken apart; null where the log has only a reply. */
export function requestOf({ request }: Exchange): Ipc4Message | null {
  return request === undefined ? null : decodeRequest(request.primary, request.extension);
}

function platformOf(text: string): PlatformName | null {
  const driver = /sof-audio-pci-intel-([a-z]+)\b/.exec(text)?.[1];
  return platformNames.find((name) => name === driver) ?? null;
}

class Study {
  private readonly hints: ReadonlyMap<number, Hints>;
  private readonly modules = new Map<number, ModuleEvidence>();
  private readonly instances = new Map<number, InstanceEvidence>();
  private readonly pipelines = new Set<number>();

  constructor(hints: ReadonlyMap<number, Hints>) {
    this.hints = hints;
  }

  get result(): Pick<LogStudy, "hints" | "modules" | "instances" | "pipelines"> {
    const { hints, modules, instances, pipelines } = this;
    return { hints, modules, instances, pipelines };
  }

  push(exchange: Exchange): void {
    const message = requestOf(exchange);
    if (message === null) return;
    const { widget, route } = this.hints.get(exchange.line) ?? {};
    switch (message.kind) {
      case "init-instance": {
        const { moduleId, instanceId } = message;
        const evidence = this.module(moduleId);
        evidence.initSizes.push(message.paramBlockWords * 4);
        const { payload } = exchange;
        if (payload !== undefined && payload.length === message.paramBlockWords * 4) {
          const guess = message.extendedInit ? undefined : guessInitPayload(payload);
          if (guess !== undefined) evidence.payloadKinds.add(guess.kind);
        }
        this.name(moduleId, instanceId, widget?.name);
        if (message.pipelineId !== NO_PIPELINE) this.pipelines.add(message.pipelineId);
        break;
      }
      case "bind":
      case "unbind": {
        const { moduleId, instanceId, dstModuleId, dstInstanceId } = message;
        this.module(moduleId).feeds = true;
        this.instance(moduleId, instanceId).feeds = true;
        this.module(dstModuleId).isFed = true;
        this.instance(dstModuleId, dstInstanceId).isFed = true;
        this.name(moduleId, instanceId, route?.source);
        this.name(dstModuleId, dstInstanceId, route?.sink);
        break;
      }
      case "large-config-set": {
        const { moduleId, instanceId, paramId, dataOffSize } = message;
        if (moduleId === 0) break;
        this.instance(moduleId, instanceId);
        if (paramId === 0 && dataOffSize === 24) this.module(moduleId).volumeSets = true;
        break;
      }
      case "config-get":
      case "config-set":
      case "large-config-get":
      case "delete-instance":
        if (message.moduleId !== 0) this.instance(message.moduleId, message.instanceId);
        break;
      case "create-pipeline":
      case "delete-pipeline":
        this.pipelines.add(message.pipelineId);
        break;
      case "set-pipeline-state":
        if (!message.multiPipeline) this.pipelines.add(message.pipelineId);
        break;
      default:
        break;
    }
  }

  private module(moduleId: number): ModuleEvidence {
    let evidence = this.modules.get(moduleId);
    if (evidence === undefined) {
      evidence = {
        widgets: new Set(),
        initSizes: [],
        payloadKinds: new Set(),
        volumeSets: false,
        feeds: false,
        isFed: false,
      };
      this.modules.set(moduleId, evidence);
    }
    return evidence;
  }

  private instance(moduleId: number, instanceId: number): InstanceEvidence {
    this.module(moduleId);
    const key = instanceKey(moduleId, instanceId);
    let evidence = this.instances.get(key);
    if (evidence === undefined) {
      evidence = { feeds: false, isFed: false };
      this.instances.set(key, evidence);
    }
    return evidence;
  }

  private name(moduleId: number, instanceId: number, name: string | undefined): void {
    const instance = this.instance(moduleId, instanceId);
    if (name === undefined) return;
    this.module(moduleId).widgets.add(name);
    instance.name ??= name;
  }
}
