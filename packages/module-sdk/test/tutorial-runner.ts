// Follows the tutorial in the working directory, in a process of its own since commands name files relative
// to it. Prints what happened as JSON. Arguments: the tutorial, the music.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { main as testbench } from "@sof-ts/testbench";
import { main as sofModule } from "../src/index.js";
import { readTutorial, type Step } from "./tutorial-steps.js";

const [tutorial = "", music = ""] = process.argv.slice(2);
const programs: Readonly<Record<string, typeof testbench>> = {
  "sof-module": sofModule,
  "sof-testbench": testbench,
};

async function follow(step: Step): Promise<object> {
  if (step.kind === "file") {
    writeFileSync(step.file, step.text);
    return { step: step.file };
  }
  if (step.kind === "replace") {
    const before = readFileSync(step.file, "utf8");
    const pattern = new RegExp(`^function ${step.name}\\([^]*?\\n}\\n`, "m");
    writeFileSync(step.file, before.replace(pattern, step.text));
    return { step: step.file, changed: pattern.test(before) };
  }
  const [program = "", ...args] = step.command.split(" ");
  let out = "";
  let err = "";
  const code = await programs[program]?.(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    interactive: false,
  });
  return { step: step.command, code, out, err };
}

copyFileSync(music, "music.wav");
const done: object[] = [];
for (const step of readTutorial(readFileSync(tutorial, "utf8"))) done.push(await follow(step));
process.stdout.write(JSON.stringify(done));
