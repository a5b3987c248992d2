#!/usr/bin/env node
import { readFileSync, writeSync } from "node:fs";
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

process.exitCode = runCli(process.argv.slice(2), {
  stdinIsTerminal: process.stdin.isTTY === true,
  readStdin: () => readFileSync(0, "utf8"),
  readFile: (path) => readFileSync(path, "utf8"),
  out: (text) => write(1, text),
  err: (text) => write(2, text),
});
