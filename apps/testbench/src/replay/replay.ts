import {
  type ConversationItem,
  describe,
  encodeRequest,
  type Exchange,
  formatWords,
  type Ipc4Message,
  isNotification,
  PipelineState,
  type Words,
} from "@sof-ts/ipc4";
import { defaultPlatform, type PlatformName } from "@sof-ts/soc";
import { copierConfigOf } from "./copier-role.js";
import { GapFiller } from "./gap-filler.js";
import { GraphMaker } from "./graph-maker.js";
import { graphOf } from "./graph-view.js";
import { type LogStudy, requestOf, studyLog } from "./log-study.js";
import { mapModules } from "./module-kinds.js";
import { Disputes } from "./disputes.js";
import { idsOf, objectsOf } from "./objects.js";
import { type Answer, ReplayMachine } from "./replay-machine.js";
import type { ReplayReport, ReplayRow } from "./report.js";
import { answerText, expectedText, firstLine } from "./texts.js";
import { RequestPayloads } from "./request-payloads.js";
import { judge, type Verdict } from "./verdict.js";
import { World } from "./world.js";

/** How a log is replayed. */
export interface ReplayOptions {
  /** DSP to model; the log's own where that is undefined and the log names one. */
  readonly platform?: PlatformName | undefined;
  /** Module ids of the log with those of our image. */
  readonly moduleMap: ReadonlyMap<number, number>;
  /** Make up what the log presumes and does not show. */
  readonly fill: boolean;
  /** Longest virtual time between two requests, in microseconds. */
  readonly maxWaitUs: number;
}

/** Plain waits between requests would make a log of hours one of hours. */
export const DEFAULT_MAX_WAIT_US = 20_000;

/**
 * Replays a log against the real firmware.
 *
 * @param source name of the log, for messages
 * @throws InputError when the text has no message in it
 */
export function replayLog(text: string, source: string, options: ReplayOptions): ReplayReport {
  return new Replay(studyLog(text, source), options).run();
}

class Replay {
  private readonly study: LogStudy;
  private readonly options: ReplayOptions;
  private readonly platform: PlatformName;
  private readonly machine: ReplayMachine;
  private readonly world: World;
  private readonly maker: GraphMaker;
  private readonly filler: GapFiller;
  private readonly payloads: RequestPayloads;
  private readonly rows: ReplayRow[] = [];
  private readonly faults: string[] = [];
  private readonly disputes = new Disputes();
  /** State that the log itself brought a pipeline to. */
  private readonly states = new Map<number, PipelineState>();
  /** Pipelines of the last list that the log shows. */
  private lastList: readonly number[] = [];
  /** Lines are missing in front of the present one. */
  private blind = true;
  /** The machine must be booted before the next request. */
  private off = true;
  private madeUpObjects = false;
  private lastTimeUs: number | undefined;
  private lastClock: string | undefined;
  private virtualUs = 0;

  constructor(study: LogStudy, options: ReplayOptions) {
    this.study = study;
    this.options = options;
    this.platform = options.platform ?? study.platform ?? defaultPlatform;
    this.machine = new ReplayMachine(this.platform);
    this.world = new World(this.machine, mapModules(study, options.moduleMap));
    const send = (message: Ipc4Message, why: string, payload?: Uint8Array) =>
      this.sendMadeUp(message, why, payload);
    const { world } = this;
    this.maker = new GraphMaker({ world, study, disputed: this.disputes.pipelines, send });
    this.payloads = new RequestPayloads(study, world, this.maker);
    this.filler = new GapFiller(world, study, this.maker, send);
  }

  run(): ReplayReport {
    const damaged = [...this.study.damagedLines];
    const noteDamage = (upTo: number): void => {
      while (damaged.length > 0 && (damaged[0] as number) < upTo) {
        this.note(damaged.shift() as number, "damaged line: what it announces is missing");
        this.blind = true;
      }
    };
    for (const item of this.study.items) {
      noteDamage(item.line);
      this.replay(item);
    }
    noteDamage(Number.POSITIVE_INFINITY);
    this.virtualUs += this.machine.nowUs;
    return this.report();
  }

  private report(): ReplayReport {
    const exchanges = this.rows.filter((row) => row.kind === "exchange");
    const count = (kind: Verdict["kind"]): number =>
      exchanges.filter(({ verdict }) => verdict.kind === kind).length;
    return {
      log: this.study.source,
      comments: this.study.comments,
      platform: this.platform,
      modules: [...this.world.modules.values()].sort((a, b) => a.logId - b.logId),
      rows: this.rows,
      counts: {
        requests: exchanges.length,
        same: count("same"),
        notCompared: count("not-compared"),
        differs: count("differs"),
        madeUp: this.rows.filter(({ kind }) => kind === "made-up").length,
      },
      unexplained: this.rows.filter(
        (row) =>
          "verdict" in row &&
          (row.verdict.cause === "unexplained" || row.verdict.cause === "no-answer"),
      ).length,
      faults: this.faults,
      graph: graphOf(this.world),
      virtualUs: this.virtualUs,
    };
  }

  private replay(item: ConversationItem): void {
    switch (item.kind) {
      case "gap":
        this.blind = true;
        this.note(item.line, item.text);
        break;
      case "registers": {
        const [primary = 0, extension = 0] = item.initiator;
        const taken = primary >= 0x8000_0000 ? "not taken" : "taken";
        const words = formatWords({ primary: primary % 0x8000_0000, extension });
        this.note(item.line, `doorbell of the log's DSP: request ${words} ${taken}`);
        break;
      }
      case "notification":
        this.notification(item.words, item.line);
        break;
      case "exchange":
        this.exchange(item);
        break;
    }
  }

  /** A message that the log's DSP sent on its own. */
  private notification(words: Words, line: number): void {
    const expected = `${formatWords(words)} ${describe(words)}`;
    const type = (words.primary >>> 16) & 0xff;
    if (type === FW_READY) {
      this.off = true;
      const got = this.boot(line);
      this.blind = false;
      this.rows.push({ kind: "notification", line, expected, ...got });
      return;
    }
    const exception = type === EXCEPTION_CAUGHT;
    const verdict: Verdict = exception
      ? { kind: "differs", cause: "defect", reason: "the log's firmware crashed, ours runs on" }
      : { kind: "not-compared", reason: "notifications depend on time and load" };
    this.rows.push({ kind: "notification", line, expected, got: "", verdict });
  }

  /** Boots the firmware and compares its first message with that of any firmware. */
  private boot(line: number | null): { readonly got: string; readonly verdict: Verdict } {
    this.virtualUs += this.machine.nowUs;
    const { notifications, fault } = this.machine.boot();
    this.off = false;
    this.payloads.forget();
    this.world.initPayloads.clear();
    this.maker.forget();
    this.states.clear();
    this.disputes.clear();
    const [first] = notifications;
    const got = first === undefined ? "nothing" : `${formatWords(first)} ${describe(first)}`;
    const ready =
      first !== undefined &&
      isNotification(first.primary) &&
      ((first.primary >>> 16) & 0xff) === FW_READY;
    if (!ready) {
      const reason = fault ?? "our firmware did not report ready";
      this.faults.push(reason);
      return { got, verdict: { kind: "differs", cause: "no-answer", reason } };
    }
    if (line === null) this.note(null, `our firmware boots: ${got}`);
    return { got, verdict: { kind: "same", reason: "both are ready" } };
  }

  private exchange(exchange: Exchange): void {
    const message = requestOf(exchange);
    const { line } = exchange;
    if (message === null) {
      this.note(line, `reply ${formatWords(exchange.reply ?? NO_WORDS)} to a request in a gap`);
      return;
    }
    if (this.off) this.boot(null);
    this.waitAsLogged(exchange);
    if (exchange.outcome === "not-sent") {
      this.note(line, `${describe(encodeRequest(message))}: the host did not send it`);
      return;
    }
    this.madeUpObjects = false;
    const pipelines = this.pipelinesOf(message, exchange);
    const hints = this.study.hints.get(line) ?? {};
    if (this.options.fill && this.blind)
      this.filler.prepare({ message, exchange, pipelines, trigger: hints.trigger });
    const payload = this.payloads.of(message, exchange, pipelines);
    const before = this.stateBefore(pipelines);
    const { answer, sent } = this.send(message, payload.bytes);
    const objects = objectsOf(message, pipelines);
    const verdict = judge({
      message,
      exchange,
      sent,
      answer,
      earlier: this.disputes.earlier(objects),
      blind: this.blind,
      madeUp: this.madeUpObjects || payload.rule !== null,
      inImage: !("moduleId" in message) || message.moduleId === 0 || this.isInImage(message),
      stateBefore: before,
    });
    this.rows.push({
      kind: "exchange",
      line,
      words: formatWords(exchange.request ?? NO_WORDS),
      meaning: firstLine(describe(encodeRequest(message))),
      payloadRule: payload.rule,
      expected: expectedText(exchange),
      got: answerText(answer),
      verdict,
    });
    if (verdict.cause === "no-answer") {
      this.off = true;
      this.blind = true;
    }
    if (verdict.kind === "differs" && verdict.cause !== "no-answer")
      this.disputes.add(line, objects, pipelines);
    this.learn(message, exchange, pipelines);
  }

  /** What the log itself says about the state of pipelines. */
  private learn(message: Ipc4Message, exchange: Exchange, pipelines: readonly number[]): void {
    if (exchange.status !== 0) return;
    if (message.kind === "set-pipeline-state")
      for (const id of pipelines) this.states.set(id, message.state as PipelineState);
    if (message.kind === "init-instance") {
      const topologyPipeline = this.study.hints.get(exchange.line)?.widget?.topologyPipeline;
      if (topologyPipeline !== undefined) this.maker.learn(topologyPipeline, message.pipelineId);
    }
  }

  private stateBefore(pipelines: readonly number[]): PipelineState | undefined {
    const [first] = pipelines;
    return first === undefined ? undefined : this.states.get(first);
  }

  private isInImage(message: { readonly moduleId: number }): boolean {
    return this.machine.firmware.directory.find(this.world.ourId(message.moduleId)) !== null;
  }

  /** Pipelines that a request is about. */
  private pipelinesOf(message: Ipc4Message, { payload, dataSize }: Exchange): readonly number[] {
    if (message.kind === "create-pipeline" || message.kind === "delete-pipeline")
      return [message.pipelineId];
    if (message.kind !== "set-pipeline-state") return [];
    if (!message.multiPipeline) return [message.pipelineId];
    const known = idsOf(payload);
    if (known !== null) {
      this.lastList = known;
      return known;
    }
    const size = dataSize ?? 4 + 4 * Math.max(this.study.pipelines.size, 1);
    const count = Math.max(0, Math.min(MAX_MADE_UP_PIPELINES, Math.floor(size / 4) - 1));
    // A stream's pipelines go through its states together.
    if (this.lastList.length === count) return this.lastList;
    if (this.options.fill && this.blind) return this.filler.listed(count);
    return this.world.pipelineIds.slice(0, count);
  }

  private sendMadeUp(message: Ipc4Message, why: string, payload?: Uint8Array): number | null {
    const made =
      payload === undefined
        ? this.payloads.of(message, null, [])
        : { bytes: payload, rule: "what the request needs" };
    const { answer } = this.send(message, made.bytes);
    this.madeUpObjects = true;
    const words = encodeRequest(message);
    this.rows.push({
      kind: "made-up",
      words: formatWords(words),
      meaning: firstLine(describe(words)),
      payloadRule: made.rule,
      why,
      got: answerText(answer),
    });
    return answer.reply === null ? null : answer.reply.primary & 0xff_ffff;
  }

  /** Sends a request in our module ids, with what a host does beside it. */
  private send(
    message: Ipc4Message,
    payload: Uint8Array,
  ): { readonly answer: Answer; readonly sent: Words } {
    const { machine, world } = this;
    const sent = world.translate(message);
    if (message.kind === "chain-dma")
      machine.connectChain(message.hostDmaId, message.linkDmaId, message.scs);
    const copier =
      message.kind === "init-instance" && world.moduleName(message.moduleId) === "COPIER"
        ? copierConfigOf(payload)
        : null;
    if (copier !== null) {
      machine.connectHostStream(copier);
      this.payloads.takeGateway(copier.gateway.nodeId);
    }
    const answer = machine.send(sent, payload);
    if (answer.fault !== null) this.faults.push(answer.fault);
    for (const words of answer.notifications) this.ours(words);
    const accepted = answer.reply !== null && (answer.reply.primary & 0xff_ffff) === 0;
    if (accepted && message.kind === "init-instance") {
      const component = world.component(message.moduleId, message.instanceId);
      if (component !== null) world.initPayloads.set(component.id, payload);
    }
    // The host has turned the DSP off: the next request finds it booted again.
    if (accepted && message.kind === "set-dx" && ((payload[0] ?? 0) & 1) !== 0 && !this.off) {
      this.off = true;
      this.note(null, "core 0 is off: the next request finds the firmware booted anew");
    }
    return { answer, sent };
  }

  private waitAsLogged({ time }: Exchange): void {
    if (time === undefined) return;
    const { lastTimeUs, lastClock } = this;
    this.lastTimeUs = time.us;
    this.lastClock = time.clock;
    if (lastTimeUs === undefined || lastClock !== time.clock || time.us <= lastTimeUs) return;
    const us = Math.min(this.options.maxWaitUs, Math.floor(time.us - lastTimeUs));
    for (const words of this.machine.wait(us)) this.ours(words);
  }

  /** A message that our DSP sent on its own. */
  private ours(words: Words): void {
    this.rows.push({
      kind: "notification",
      line: null,
      expected: "",
      got: `${formatWords(words)} ${describe(words)}`,
      verdict: { kind: "not-compared", reason: "notifications depend on time and load" },
    });
  }

  private note(line: number | null, text: string): void {
    this.rows.push({ kind: "note", line, text });
  }
}

const FW_READY = 8;
const EXCEPTION_CAUGHT = 10;
/** A list whose bytes the log lacks is not believed to be longer. */
const MAX_MADE_UP_PIPELINES = 8;
const NO_WORDS: Words = { primary: 0, extension: 0 };
