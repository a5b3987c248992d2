import { assert } from "./assert.js";

/**
 * A node of an intrusive doubly linked list, as Zephyr's `sys_dnode_t`: an object is on a list without an
 * allocation. A class that goes on several lists holds one node for each.
 */
export class ListNode<T> {
  next: ListNode<T> | null = null;
  prev: ListNode<T> | null = null;
  list: List<T> | null = null;
  readonly owner: T;

  constructor(owner: T) {
    this.owner = owner;
  }

  /** Whether the node is on a list. */
  get linked(): boolean {
    return this.list !== null;
  }

  /** Takes the node off its list; nothing happens when it is on none. */
  remove(): void {
    this.list?.unlink(this);
  }
}

/** An intrusive doubly linked list. Iteration survives the removal of the node being visited. */
export class List<T> implements Iterable<T> {
  head: ListNode<T> | null = null;
  tail: ListNode<T> | null = null;
  length = 0;

  get empty(): boolean {
    return this.head === null;
  }

  /** First owner, or null. */
  get first(): T | null {
    return this.head === null ? null : this.head.owner;
  }

  append(node: ListNode<T>): void {
    this.insertBefore(node, null);
  }

  prepend(node: ListNode<T>): void {
    this.insertBefore(node, this.head);
  }

  /** Links `node` in front of `before`, or at the tail when `before` is null. */
  insertBefore(node: ListNode<T>, before: ListNode<T> | null): void {
    assert(node.list === null, "node is on a list already");
    const after = before === null ? this.tail : before.prev;
    node.list = this;
    node.next = before;
    node.prev = after;
    if (after === null) this.head = node;
    else after.next = node;
    if (before === null) this.tail = node;
    else before.prev = node;
    this.length++;
  }

  /** Takes `node`, which is on this list, off it. */
  unlink(node: ListNode<T>): void {
    assert(node.list === this, "node is on another list");
    if (node.prev === null) this.head = node.next;
    else node.prev.next = node.next;
    if (node.next === null) this.tail = node.prev;
    else node.next.prev = node.prev;
    node.next = null;
    node.prev = null;
    node.list = null;
    this.length--;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let node = this.head; node !== null;) {
      const next: ListNode<T> | null = node.next;
      yield node.owner;
      node = next;
    }
  }
}
