#!/usr/bin/env node
import { readFileSync, readSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { runCli } from "./cli/program.js";

/** Writes all of it before going on, so that nothing is lost when the process ends. */
function write(descriptor: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The reader has left ("| head"): nothing more to say.
      if (code === "EPIPE") process.exit();
      if (code !== "EAGAIN") throw error;
    }
  }
}

/** Reads all of standard input, however slowly it comes: a pipe may have nothing to give without being at its end. */
function readStdin(): string {
  const pieces: Uint8Array[] = [];
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    const piece = new Uint8Array(1 << 16);
    try {
      const length = readSync(0, piece);
      if (length === 0) return Buffer.concat(pieces).toString("utf8");
      pieces.push(piece.subarray(0, length));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return Buffer.concat(pieces).toString("utf8");
      if (code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, 5);
    }
  }
}

process.exitCode = runCli(process.argv.slice(2), {
  // process.stdin is left alone: to look at it makes the pipe non-blocking.
  stdinIsTerminal: isatty(0),
  readStdin,
  readFile: (path) => readFileSync(path, "utf8"),
  out: (text) => write(1, text),
  err: (text) => write(2, text),
});
