/** Where an object of the graph lies, and what it is called. */
export interface WatchedObject {
  readonly name: string;
  /** In the user heap. */
  readonly address: number;
  /** In bytes. */
  readonly size: number;
  /** Fields that are read without lock on purpose. */
  readonly unchecked?: readonly string[];
}

/** Instruments the objects of the graph in a checked run. Calling context: any thread; never blocks. */
export interface GraphWatcher {
  /** @returns what the firmware uses in place of `object` */
  watch<T extends object>(object: T, place: WatchedObject): T;
  /** The object's memory is given back. */
  free(object: object): void;
}

/** An object of the graph as the firmware is to use it: instrumented when there is a watcher. */
export function watched<T extends object>(
  { watcher }: { readonly watcher?: GraphWatcher },
  object: T,
  place: WatchedObject,
): T {
  return watcher === undefined ? object : watcher.watch(object, place);
}
