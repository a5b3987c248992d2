/** What the log's firmware and ours disagree about since some line: later differences may follow from it. */
export class Disputes {
  /** Pipelines among the objects: nothing is made up for them. */
  readonly pipelines = new Set<number>();
  private readonly lines = new Map<string, number>();

  /** The firmware was booted anew: both begin alike. */
  clear(): void {
    this.pipelines.clear();
    this.lines.clear();
  }

  /** Remembers where a difference about objects began. */
  add(line: number, objects: readonly string[], pipelines: readonly number[]): void {
    for (const object of objects) if (!this.lines.has(object)) this.lines.set(object, line);
    for (const id of pipelines) this.pipelines.add(id);
  }

  /** @returns the line of an earlier difference about one of the objects */
  earlier(objects: readonly string[]): number | undefined {
    for (const object of objects) {
      const line = this.lines.get(object);
      if (line !== undefined) return line;
    }
    return undefined;
  }
}
