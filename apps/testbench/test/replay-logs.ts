/** Lines of logs in the forms that drivers and firmware write, with words of the test's own. */

const device = "sof-audio-pci-intel-mtl 0000:00:1f.3:";

/** Writes a kernel log, one millisecond a line. */
export class KernelLog {
  private readonly lines: string[] = [];
  private us = 1_000_000;

  /** Any line of the driver. */
  say(text: string): this {
    this.us += 1000;
    const seconds = `${Math.floor(this.us / 1e6)}.${String(this.us % 1e6).padStart(6, "0")}`;
    this.lines.push(`[ ${seconds}] snd_sof:sof: ${device} ${text}`);
    return this;
  }

  /** A line as it is. */
  raw(line: string): this {
    this.lines.push(line);
    return this;
  }

  gap(text = "lines are missing"): this {
    return this.raw(`# gap (${text})`);
  }

  ready(): this {
    return this.say("ipc rx      : 0x1b080000|0x0: GLB_NOTIFICATION|FW_READY");
  }

  /** A request with its payload in words and the reply that it got. */
  exchange(
    primary: number,
    extension: number,
    status: number,
    payload: readonly number[] = [],
  ): this {
    this.request(primary, extension, 4 * payload.length);
    const reply = ((primary & 0x5f00_0000) | 0x2000_0000 | status) >>> 0;
    this.say(`ipc tx reply: ${hex(reply)}|${hex(extension)}: NAME`);
    if (status !== 0) return this.say(`FW reported error: ${status} - some text`);
    this.say(
      `ipc tx done : ${hex(primary)}|${hex(extension)}: NAME${sizeText(4 * payload.length)}`,
    );
    for (let at = 0; at < payload.length; at += 4) {
      const words = payload
        .slice(at, at + 4)
        .map((word) => (word >>> 0).toString(16).padStart(8, "0"));
      this.raw(
        `[ 9.0] Message payload: ${(4 * at).toString(16).padStart(8, "0")}: ${words.join(" ")}`,
      );
    }
    return this;
  }

  request(primary: number, extension: number, dataSize = 0): this {
    return this.say(`ipc tx      : ${hex(primary)}|${hex(extension)}: NAME${sizeText(dataSize)}`);
  }

  timeout(primary: number, extension: number): this {
    return this.say(`ipc timed out for ${hex(primary)}|${hex(extension)}`);
  }

  get text(): string {
    return `${this.lines.join("\n")}\n`;
  }
}

const hex = (word: number): string => `0x${(word >>> 0).toString(16)}`;
const sizeText = (bytes: number): string => (bytes === 0 ? "" : ` [data size: ${bytes}]`);

/** 24 bytes of audio format: 48 kHz stereo in 32 bits. */
const S32 = [48_000, 32, 0xffff_ff10, 1, 0, 0x1_2002];
/** 40 bytes of base configuration. */
export const base = [0, 384, 384, 1, ...S32];
/** 84 bytes of a copier with a gateway. */
export const copier = (node: number): number[] => [...base, ...S32, 0, node, 768, 1, 0];
/** 64 bytes of a gain at 0 dB. */
export const gain = [...base, 0xffff_ffff, 0x7fff_ffff, 1, 0, 200_000, 0];

/** A playback stream from its first message to its last, as a driver would send it. */
export function wholeStream(): KernelLog {
  return new KernelLog()
    .ready()
    .exchange(0x1100_0002, 0, 0)
    .exchange(0x4000_0004, 0x15, 0, copier(0x0000))
    .exchange(0x4000_0006, 0x10, 0, gain)
    .exchange(0x4400_0006, 0x3000_0018, 0, gain.slice(10))
    .exchange(0x4001_0004, 0x15, 0, copier(0x0800))
    .exchange(0x4500_0004, 0x6, 0)
    .exchange(0x4500_0006, 0x1_0004, 0)
    .exchange(0x1300_0003, 0x1, 0, [1, 0])
    .exchange(0x1300_0004, 0x1, 0, [1, 0]);
}
