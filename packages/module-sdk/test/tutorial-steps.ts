/** What a reader of the tutorial does. */
export type Step =
  | { readonly kind: "command"; readonly command: string; readonly output: readonly string[] }
  | { readonly kind: "file"; readonly file: string; readonly text: string }
  | {
      readonly kind: "replace";
      readonly file: string;
      readonly name: string;
      readonly text: string;
    };

/** Takes the steps out of a tutorial's text: commands with their output, files, functions to replace. */
export function readTutorial(text: string): readonly Step[] {
  const steps: Step[] = [];
  const blocks = text.matchAll(/(?:<!-- (.*?) -->\n)?```(\w*)\n([^]*?)```/g);
  for (const [, note = "", language, body = ""] of blocks) {
    const file = /^file: (\S+)$/.exec(note)?.[1];
    const [, target, name] = /^replaces: (\S+), function (\w+)$/.exec(note) ?? [];
    if (file !== undefined) steps.push({ kind: "file", file, text: body });
    else if (target !== undefined && name !== undefined) {
      steps.push({ kind: "replace", file: target, name, text: body });
    } else if (language === "console") steps.push(...commandsOf(body));
  }
  return steps;
}

function commandsOf(body: string): readonly Step[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((part): Step => {
      const [command = "", ...output] = part.trimEnd().split("\n");
      return { kind: "command", command, output };
    });
}
