/** Placeholder of the heap type until the heaps land. */
export interface KHeap {
  readonly name: string;
}
