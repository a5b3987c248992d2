import { assert, EBUSY, EINVAL, EIO, ENOMEM } from "@sof-ts/kit";
import { Ipc4Limit } from "../limits.js";
import { decodeReply } from "../message/reply.js";
import { encodeRequest } from "../message/request.js";
import { Status } from "../message/status.js";
import type { Words } from "../message/word-layout.js";
import { MAILBOX_BYTES } from "./fw-registers.js";

/** Which parameter of which instance. */
export interface LargeConfigTarget {
  readonly moduleId: number;
  readonly instanceId: number;
  readonly paramId: number;
}

/** One message of a LARGE_CONFIG_SET. */
export interface LargeConfigFragment {
  readonly words: Words;
  /** Part of the payload, not a copy. */
  readonly payload: Uint8Array;
}

/** Longest large parameter: its size has 20 bits. */
export const MAX_LARGE_CONFIG_BYTES = 0xf_ffff;

/**
 * Splits a large parameter into LARGE_CONFIG_SET messages, as the Linux driver does: the first states the
 * total, later ones their offset, all but the last fill the mailbox.
 *
 * @param mailboxBytes capacity of the mailbox
 */
export function splitLargeConfig(
  target: LargeConfigTarget,
  payload: Uint8Array,
  mailboxBytes = MAILBOX_BYTES,
): LargeConfigFragment[] {
  assert(payload.length <= MAX_LARGE_CONFIG_BYTES, `large parameter of ${payload.length} bytes`);
  const fragments: LargeConfigFragment[] = [];
  let offset = 0;
  do {
    const fragment = payload.subarray(offset, offset + mailboxBytes);
    const initBlock = offset === 0;
    const words = encodeRequest({
      kind: "large-config-set",
      moduleId: target.moduleId,
      instanceId: target.instanceId,
      paramId: target.paramId,
      dataOffSize: initBlock ? payload.length : offset,
      initBlock,
      finalBlock: offset + fragment.length === payload.length,
    });
    fragments.push({ words, payload: fragment });
    offset += fragment.length;
  } while (offset < payload.length);
  return fragments;
}

/** What a LARGE_CONFIG_SET says about its fragment. */
export interface FragmentPosition {
  readonly initBlock: boolean;
  readonly finalBlock: boolean;
  /** Total bytes when `initBlock` is set, else the fragment's offset. */
  readonly dataOffSize: number;
}

/**
 * Puts the fragments of LARGE_CONFIG_SET together again, by the rules of the firmware's module adapter.
 * One object serves one module instance. Plain methods, any context; allocates when a transfer starts.
 */
export class LargeConfigReassembler {
  private readonly maxBytes: number;
  private readonly mailboxBytes: number;
  private buffer: Uint8Array | null = null;
  private finished: Uint8Array | null = null;

  /**
   * @param maxBytes longest parameter that is taken
   * @param mailboxBytes capacity of the mailbox: what a fragment that is not the last one fills
   */
  constructor(maxBytes: number = Ipc4Limit.MODULE_BLOB_BYTES, mailboxBytes = MAILBOX_BYTES) {
    this.maxBytes = maxBytes;
    this.mailboxBytes = mailboxBytes;
  }

  /** Whether a transfer has begun and not ended. */
  get busy(): boolean {
    return this.buffer !== null;
  }

  /**
   * Takes one fragment. A fragment that is refused ends the transfer that it belongs to.
   *
   * @param mailbox what is in the mailbox; it may be longer than the fragment
   * @returns 0; -EBUSY for a first block while a transfer is under way, which goes on; -EINVAL for a total
   * over the limit or a fragment that reaches past the total or is not all there; -EIO for a later block
   * without a first one
   */
  accept(position: FragmentPosition, mailbox: Uint8Array): number {
    const { initBlock, finalBlock, dataOffSize } = position;
    if (initBlock) {
      if (this.buffer !== null) return -EBUSY;
      if (dataOffSize > this.maxBytes) return -EINVAL;
      this.finished = null;
      if (dataOffSize === 0) return 0;
      this.buffer = new Uint8Array(dataOffSize);
    }
    const { buffer } = this;
    if (buffer === null) return -EIO;
    const offset = initBlock ? 0 : dataOffSize;
    const length = finalBlock ? buffer.length - offset : this.mailboxBytes;
    if (length < 0 || offset + length > buffer.length || length > mailbox.length) {
      this.buffer = null;
      return -EINVAL;
    }
    buffer.set(mailbox.subarray(0, length), offset);
    if (finalBlock) {
      this.finished = buffer;
      this.buffer = null;
    }
    return 0;
  }

  /** @returns the parameter once after its last fragment, else null */
  take(): Uint8Array | null {
    const { finished } = this;
    this.finished = null;
    return finished;
  }

  /** Forgets a transfer that is under way. */
  abort(): void {
    this.buffer = null;
  }
}

/**
 * Reads a large parameter by as many LARGE_CONFIG_GET messages as it takes, as the Linux driver does. The
 * caller sends {@link request} and hands the answer to {@link accept} until {@link done}. A control is asked
 * for with its header as payload, which is the caller's to send.
 */
export class LargeConfigReader {
  private readonly target: LargeConfigTarget;
  private readonly buffer: Uint8Array;
  private readonly mailboxBytes: number;
  private offset = 0;
  private total: number | null = null;

  /**
   * @param bufferBytes longest reply that is taken
   * @param mailboxBytes capacity of the mailbox
   */
  constructor(target: LargeConfigTarget, bufferBytes: number, mailboxBytes = MAILBOX_BYTES) {
    assert(bufferBytes <= MAX_LARGE_CONFIG_BYTES, `buffer of ${bufferBytes} bytes`);
    this.target = target;
    this.buffer = new Uint8Array(bufferBytes);
    this.mailboxBytes = mailboxBytes;
  }

  /** Whether all bytes are there. */
  get done(): boolean {
    return this.total !== null && this.offset >= this.total;
  }

  /** @returns the bytes read so far */
  get data(): Uint8Array {
    return this.buffer.slice(0, this.offset);
  }

  /** @returns the words of the next message: the first asks for the buffer's size, later ones name an offset */
  request(): Words {
    assert(!this.done, "all of the parameter has been read");
    const first = this.total === null;
    return encodeRequest({
      kind: "large-config-get",
      moduleId: this.target.moduleId,
      instanceId: this.target.instanceId,
      paramId: this.target.paramId,
      dataOffSize: first ? this.buffer.length : this.offset,
      initBlock: first,
      finalBlock: false,
    });
  }

  /**
   * Takes the answer to the last {@link request}.
   *
   * @param reply its words
   * @param mailbox what is in the mailbox; it may be longer than the fragment
   * @returns 0; the positive status of a refusal; -EINVAL for an answer to something else or shorter than
   * it says; -ENOMEM for a parameter that is longer than the buffer
   */
  accept(reply: Words, mailbox: Uint8Array): number {
    const message = decodeReply(reply.primary, reply.extension);
    if (message.kind !== "large-config-get") return -EINVAL;
    if (message.status !== Status.SUCCESS) return message.status;
    this.total ??= message.dataOffSize;
    if (this.total > this.buffer.length) return -ENOMEM;
    const length = Math.min(this.total - this.offset, this.mailboxBytes);
    if (length > mailbox.length) return -EINVAL;
    this.buffer.set(mailbox.subarray(0, length), this.offset);
    this.offset += length;
    return 0;
  }
}
