import { Random } from "@sof-ts/kit";
import type { Message } from "../protocol/messages.js";
import { type FuzzFirmware, FuzzMachine } from "./machine.js";
import { shrink } from "./shrink.js";

export interface FuzzOptions {
  readonly messages: number;
  readonly seed: number;
  /** The firmware under fuzz, if it is not the usual one. */
  readonly firmware?: FuzzFirmware;
}

/** What became of the messages. */
export interface FuzzOutcome {
  readonly sent: number;
  /** How often each type of message got each status: `M5:9` is a BIND that got 9. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Messages that were sent while a pipeline of the fuzzer's ran. */
  readonly whileRunning: number;
  /** Allocations that failed, of a firmware that is short of memory. */
  readonly shortages: number;
}

/** Messages after which everything is put away and checked. */
const ROUND = 500;
/** A machine serves so many rounds; then a new one is booted. */
const ROUNDS_PER_MACHINE = 50;

/**
 * Sends structured, damaged and meaningless messages to a firmware with two streams, and checks after each round
 * that all can be put away, nothing is left, and the streams have lost nothing.
 *
 * @throws Error with the shortest sequence that was found to do the same on a firmware just booted
 */
export function fuzzMessages({ messages, seed, firmware = {} }: FuzzOptions): FuzzOutcome {
  const random = new Random(seed);
  const outcomes = new Map<string, number>();
  let sent = 0;
  let whileRunning = 0;
  let shortages = 0;
  let machine = new FuzzMachine(firmware);
  for (let round = 0; sent < messages; round++) {
    if (round > 0 && round % ROUNDS_PER_MACHINE === 0) machine = new FuzzMachine(firmware);
    const generator = machine.generator(random);
    const log: Message[] = [];
    try {
      for (let i = 0; i < ROUND && sent < messages; i++) {
        const message = generator.next();
        log.push(message);
        const key = `${typeOf(message)}:${machine.send(message) ?? "no reply"}`;
        outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
        if (machine.running) whileRunning++;
        sent++;
      }
      machine.cleanUp();
      shortages += machine.takeShortages();
    } catch (error) {
      throw explain(error, { seed, firmware }, round, log);
    }
  }
  return { sent, outcomes, whileRunning, shortages };
}

/** Sends a sequence to a firmware just booted, and puts everything away. @throws Error when that fails */
export function replayMessages(messages: readonly Message[], firmware: FuzzFirmware = {}): void {
  const machine = new FuzzMachine(firmware);
  for (const message of messages) machine.send(message);
  machine.cleanUp();
}

function typeOf([primary]: Message): string {
  return `${(primary & 0x4000_0000) === 0 ? "G" : "M"}${(primary >>> 24) & 0x1f}`;
}

function explain(
  error: unknown,
  { seed, firmware }: { readonly seed: number; readonly firmware: FuzzFirmware },
  round: number,
  log: readonly Message[],
): Error {
  const what = textOf(error);
  // Only what fails in the same way: a shorter list must not slide into another failure.
  const fails = (messages: readonly Message[]): boolean => {
    try {
      replayMessages(messages, firmware);
      return false;
    } catch (other) {
      return kindOf(textOf(other)) === kindOf(what);
    }
  };
  const where = `seed ${seed}, round ${round}, message ${log.length - 1}`;
  if (!fails(log)) {
    return new Error(`${what}: ${where}; only after the rounds before it`, { cause: error });
  }
  const lines = shrink(log, fails).map(
    ([primary, extension, payload = new Uint8Array(0)]) =>
      `  [0x${primary.toString(16)}, 0x${extension.toString(16)}, hex("${toHex(payload)}")],`,
  );
  return new Error(`${what}: ${where}; the same after\n${lines.join("\n")}`, { cause: error });
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What is the same of a failure in a shorter run: its first line, without numbers and times. */
export const kindOf = (text: string): string =>
  (text.split("\n", 1)[0] ?? "").replace(/0x[\da-f]+|\d+/gi, "#");

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
